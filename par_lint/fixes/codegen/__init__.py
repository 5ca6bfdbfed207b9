"""Code generation: fresh names, imports, brackets, line length, and replacement that keeps every other byte."""
