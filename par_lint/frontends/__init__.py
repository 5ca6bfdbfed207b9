"""How people reach the engine: the command line, editors, and the formats of reports."""
