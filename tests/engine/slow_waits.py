"""Makes what one project waits for slower, and notes which calls of the runtime run, and which in helper threads.

Loaded as `sitecustomize` into the processes that run the project's tests. PAR_LINT_SLOW is the project's folder: what its own code
opens, looks up or requests takes 5 to 40 ms longer. PAR_LINT_COUNT is the file for the places of the calls.
"""

import builtins
import functools
import io
import os
import random
import socket
import sys
import threading
import time

OWN = os.environ.get("PAR_LINT_SLOW", "")
DEPTH = 6  # frames of libraries between the project and what waits
seen = set()
chance = random.Random()  # one of its own: the project may seed the other
sleep = time.sleep  # tests may replace it


def note(place, suffix=""):
    """Write one line for each place, once in each process."""
    if (place, suffix) not in seen:
        seen.add((place, suffix))
        with untouched_open(os.environ["PAR_LINT_COUNT"] + suffix, "a") as file:
            file.write(place)


def is_own():
    """Whether code of the project asked for this."""
    frame = sys._getframe(2)
    for _ in range(DEPTH):
        if frame is None:
            return False
        if frame.f_code.co_filename.startswith(OWN):
            return True
        frame = frame.f_back
    return False


def slowed(function):
    """A function that waits first, where the project calls it."""

    @functools.wraps(function)
    def call(*arguments, **options):
        if is_own():
            sleep(chance.uniform(0.005, 0.04))
        return function(*arguments, **options)

    return call


def counted(function):
    """A call of the runtime that is noted, and whose work is noted where a helper does it."""

    @functools.wraps(function)
    def call(work, *arguments, **options):
        frame = sys._getframe(1)
        place = f"{frame.f_code.co_filename}:{frame.f_lineno}\n"
        note(place)
        caller = threading.get_ident()

        @functools.wraps(work)
        def watched(*given, **named):
            if threading.get_ident() != caller:
                note(place, ".threads")
            return work(*given, **named)

        return function(watched, *arguments, **options)

    return call


untouched_open = open
if OWN:
    builtins.open = io.open = slowed(io.open)
    for name in ("gethostbyname", "getaddrinfo", "getnameinfo", "create_connection"):
        setattr(socket, name, slowed(getattr(socket, name)))
    os.listdir, os.scandir = slowed(os.listdir), slowed(os.scandir)
if "PAR_LINT_COUNT" in os.environ:
    try:
        import par_lint.parallel as runtime
    except ImportError:
        pass
    else:
        runtime.run_parallel = counted(runtime.run_parallel)
