"""The module from which fixed code imports `run_parallel`: its location, a vendored copy, and the dependency on par-lint."""
