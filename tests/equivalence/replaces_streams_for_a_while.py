# fix: none
import io
import sys
from pathlib import Path
from unittest.mock import patch

for name in ["data/1.txt", "data/2.txt", "data/3.txt"]:
    text = Path(name).read_text()
    with patch("sys.stdin", io.StringIO(text)):
        print(name, sys.stdin.readline(), len(text))
