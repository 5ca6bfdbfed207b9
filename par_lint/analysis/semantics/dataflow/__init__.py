"""Which values of a file flow where, followed in its standard tree: for the gate and for the rules."""
