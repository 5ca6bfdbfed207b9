"""What code does besides computing a value, and what that allows: side effects, errors, callbacks, CPU-bound work."""
