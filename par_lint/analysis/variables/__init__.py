"""The variables of a function: definite assignment, liveness, and reflection."""
