"""Settings: the keys of [tool.par-lint], where they are read from, and how they are validated."""
