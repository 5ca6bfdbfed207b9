"""Lint and fix single files and many files. Importing this package imports nothing else."""
