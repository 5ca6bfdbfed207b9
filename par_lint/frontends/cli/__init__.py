"""One module for each command: parse options, call the engine, print."""
