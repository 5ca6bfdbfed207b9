"""Analyses of the code in a file: program model, effects, loops, pools. No rule codes and no messages."""
