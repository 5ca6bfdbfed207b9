"""par-lint finds sequential I/O in Python code and rewrites it to run concurrently.

Importing this package imports nothing else, so a program that uses the runtime, `par_lint.parallel`, loads only that.
"""

__version__ = "0.1.0"
