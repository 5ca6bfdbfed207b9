"""The other modules of the project: where they are, what they define, and what their functions do."""
