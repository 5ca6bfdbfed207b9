"""The variables of a function: definite assignment, liveness, and code that looks at names."""
