"""Data flow in the standard tree of a file, for the gate and the rules."""
