"""The gate: whether a file needs LibCST at all, and which of its lines: candidates and slices."""
