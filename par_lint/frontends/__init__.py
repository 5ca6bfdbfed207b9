"""The user interfaces: the command line, editors, and output formats."""
