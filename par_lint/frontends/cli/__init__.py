"""The command line, one module for each command: it parses options, calls the engine, and prints."""
