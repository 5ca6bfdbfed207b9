# fix: none
from pathlib import Path
from unittest import mock

for name in ["data/1.txt", "data/2.txt", "data/3.txt"]:
    text = Path(name).read_text()
    with mock.patch("io.open", mock.mock_open(read_data="not " + text)):
        print(name, len(text))
