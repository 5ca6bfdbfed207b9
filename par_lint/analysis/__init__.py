"""Facts about LibCST nodes: where they stand, what they refer to, what they do. No codes and no messages."""
