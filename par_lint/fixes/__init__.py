"""Builders of replacement nodes: from a node and evidence to new nodes. They know no codes."""
