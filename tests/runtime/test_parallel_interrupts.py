"""The program of interrupts (interrupts_parallel.py) for a short time: Ctrl-C at random moments of all kinds of runs.

A timer's signal, with Python's own handler for Ctrl-C, stands for the key. PAR_LINT_INTERRUPTS sets how many there are; the seed is new
each time, and shown where something is found.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from par_lint import parallel


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="timers of POSIX")
def test_ctrl_c_at_any_moment_leaves_nothing_behind() -> None:
    count = int(os.environ.get("PAR_LINT_INTERRUPTS", "150"))
    seed = random.SystemRandom().randrange(10**6)
    program = Path(__file__).with_name("interrupts_parallel.py")
    command = [sys.executable, str(program), "--count", str(count), "--seed", str(seed)]
    environment = {**os.environ, "PYTHONPATH": str(Path(parallel.__file__).parents[1])}
    for _ in range(2):  # once more where an interrupt met the program itself, which then said nothing
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * count + 120, check=False, env=environment)
        if done.returncode != -signal.SIGINT or done.stderr:
            break
    assert done.returncode == 0, f"--seed {seed}\n{done.stdout}\n{done.stderr[-5000:]}"
