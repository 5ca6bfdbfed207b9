"""Thread and process pools: their work, their number of workers, and their lost errors."""
