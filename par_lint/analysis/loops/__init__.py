"""Which loops run I/O one item at a time, why others are left alone, and how a body can be partitioned."""
