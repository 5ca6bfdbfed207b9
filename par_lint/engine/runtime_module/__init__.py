"""The module that fixed code imports `run_parallel` from: its location, a vendored copy, and the dependency on par-lint."""
