"""The side effects of code, and what they allow: effects, errors, callbacks, CPU-bound work."""
