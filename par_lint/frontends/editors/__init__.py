"""The language server and the pylsp plugin."""
