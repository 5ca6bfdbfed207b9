"""Sequential loops: which loops run I/O one item at a time, why others are excluded, and how a body can be partitioned."""
