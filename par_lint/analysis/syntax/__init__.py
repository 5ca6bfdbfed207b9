"""LibCST trees: nodes, positions, names, and the mapping to nodes of the standard `ast`."""
