"""What every other part uses: the records of findings, the catalogue of calls, settings, and files. It imports nothing above it."""
