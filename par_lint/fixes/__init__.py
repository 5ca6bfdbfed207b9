"""Builders of replacement nodes: they turn a node and facts about it into new nodes, and know no rule codes."""
