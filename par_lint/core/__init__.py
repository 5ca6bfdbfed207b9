"""The foundation of every other package: finding records, the call catalogue, settings and files. It imports no other package."""
