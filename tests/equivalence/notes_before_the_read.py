# fix: safe
import logging
import sys
from pathlib import Path

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
log = logging.getLogger("reader")

texts = []
for name in ["data/1.txt", "data/missing.txt", "data/2.txt", "data/3.txt"]:
    log.info("reading %s", name)
    texts.append(Path(name).read_text())
