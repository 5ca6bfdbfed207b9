"""The stress program (stress_parallel.py) for a short time: random runs from several threads, each checked against a loop.

Nothing is simulated. PAR_LINT_STRESS_SECONDS sets the time; the seed is new each time, and shown where something is found.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from par_lint import parallel


def test_random_runs_give_what_a_loop_gives() -> None:
    seconds = float(os.environ.get("PAR_LINT_STRESS_SECONDS", "20"))
    seed = random.SystemRandom().randrange(10**6)
    program = Path(__file__).with_name("stress_parallel.py")
    command = [sys.executable, str(program), "--seconds", str(seconds), "--seed", str(seed)]
    environment = {**os.environ, "PYTHONPATH": str(Path(parallel.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 240, check=False, env=environment)
    assert done.returncode == 0, f"--seed {seed}\n{done.stdout}\n{done.stderr[-5000:]}"
