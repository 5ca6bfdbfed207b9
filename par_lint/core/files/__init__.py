"""Files and text: which files a command works on, reading, writing, and positions."""
