"""Lint one file, fix one file, many files: the only package that knows all below. Importing it imports nothing."""
