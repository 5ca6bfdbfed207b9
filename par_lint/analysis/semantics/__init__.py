"""The model of a program, on the standard `ast`: scopes, bindings, name resolution, data flow. No LibCST."""
