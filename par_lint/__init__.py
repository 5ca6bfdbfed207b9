"""par-lint finds Python code that waits for one thing at a time, and rewrites it to wait for them at once.

Importing this package imports nothing else, so that `par_lint.parallel`, the runtime, costs a program only itself.
"""

__version__ = "0.1.0"
