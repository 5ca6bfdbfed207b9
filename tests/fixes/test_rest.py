"""What stays in a loop must not change what is read ahead, in whatever way it comes to do so; plain loops keep their safe fixes.

Each row is a piece of a small program: what stands before the loop's function, in it before the loop, and in the loop after the I/O.
"""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

READS_A_GLOBAL = """
import contextlib, functools, json, logging, operator, os, signal, sys, threading, types, weakref
STATE = {"skip": 0}
def load(root, n):
    text = open(f"{root}/in/{n}.txt").read()
    return text[STATE["skip"]:]
"""
READS_FILES = """
import bz2, contextlib, functools, io, json, logging, operator, os, pathlib, queue, shutil, tarfile, threading, tracemalloc, zipfile
import cProfile, concurrent.futures, http.cookiejar
from pathlib import Path
def load(root, n):
    return open(f"{root}/in/{n}.txt").read()
"""
ASKS_A_SERVER = """
import asyncio, queue, select, signal, threading, time, urllib.request
DELAY = 0.1
stop, ready, lock, jobs, poller = threading.Event(), threading.Condition(), threading.Lock(), queue.Queue(), select.poll()
wait = stop.wait
thread = threading.Thread(target=print)
def load(root, n):
    with urllib.request.urlopen(f"{root}/page/{n}", timeout=5) as answer:
        return answer.read()
"""
Piece = tuple[str, str, str]

CHANGES_STATE: dict[str, Piece] = {
    "decorator": ("def deco(f):\n    def g(*a):\n        STATE['skip'] += 1\n        return f(*a)\n    return g\n@deco\ndef show(n): pass", "", "show(n)"),
    "decorator that is given something": (
        "def deco(by):\n    def around(f):\n        def g(*a):\n            STATE['skip'] += by\n            return f(*a)\n        return g\n    return around\n"
        "@deco(2)\ndef show(n): pass", "", "show(n)",
    ),
    "decorator that is a class": (
        "class Counted:\n    def __init__(self, f): self.f = f\n    def __call__(self, *a):\n        STATE['skip'] += 1\n        return self.f(*a)\n"
        "@Counted\ndef show(n): pass", "", "show(n)",
    ),
    "wrapped by an assignment": (
        "def show(n): pass\ndef wrap(f):\n    def g(*a):\n        STATE['skip'] += 1\n        return f(*a)\n    return g\nshow = wrap(show)", "", "show(n)",
    ),
    "generator with": ("@contextlib.contextmanager\ndef step(n):\n    yield\n    STATE['skip'] = n", "", "with step(n): pass"),
    "class with": ("class Step:\n    def __enter__(self): pass\n    def __exit__(self, *a): STATE['skip'] += 1", "step = Step()", "with step: pass"),
    "method that gives what a with enters": (
        "class Step:\n    def at(self, n): return self\n    def __enter__(self): pass\n    def __exit__(self, *a): STATE['skip'] += 1", "step = Step()", "with step.at(n): pass",
    ),
    "setter": (
        "class Log:\n    @property\n    def last(self): return 1\n    @last.setter\n    def last(self, n): STATE['skip'] = n", "log = Log()", "log.last = n",
    ),
    "property made by a call": ("class Log:\n    def put(self, n): STATE['skip'] = n\n    last = property(None, put)", "log = Log()", "log.last = n"),
    "descriptor": ("class Slot:\n    def __set__(self, o, n): STATE['skip'] = n\nclass Log:\n    last = Slot()", "log = Log()", "log.last = n"),
    "setattr method": ("class Log:\n    def __setattr__(self, k, n): STATE['skip'] = n", "log = Log()", "log.last = n"),
    "in-place operator": ("class Log:\n    def __iadd__(self, n):\n        STATE['skip'] = n\n        return self", "log = Log()", "log += n"),
    "look-up that misses": ("class Seen(dict):\n    def __missing__(self, k):\n        STATE['skip'] += 1\n        return 0", "seen = Seen()", "seen[n]"),
    "iteration": ("class Rows:\n    def __iter__(self):\n        STATE['skip'] += 1\n        return iter([])", "rows = Rows()", "for row in rows: pass"),
    "object that goes": ("class Temp:\n    def __del__(self): STATE['skip'] += 1", "", "temp = Temp()"),
    "finalizer": ("def step(): STATE['skip'] += 1\nclass Temp: pass", "", "temp = Temp()\nweakref.finalize(temp, step)\ndel temp"),
    "next of a generator": ("def ticks():\n    while True:\n        STATE['skip'] += 1\n        yield", "ticking = ticks()", "next(ticking)"),
    "generator of an attribute": (
        "def ticks():\n    while True:\n        STATE['skip'] += 1\n        yield\nclass Clock:\n    def __init__(self): self.it = ticks()\n    def tick(self): return next(self.it)",
        "clock = Clock()", "clock.tick()",
    ),
    "sent to a generator": ("def sink():\n    while True:\n        STATE['skip'] = yield", "feed = sink()\nnext(feed)", "feed.send(n)"),
    "key function": ("def key(n):\n    STATE['skip'] += 1\n    return n", "", "sorted([1, 2], key=key)"),
    "mapped": ("def step(n): STATE['skip'] = n", "", "list(map(step, [n]))"),
    "default of json": ("def encode(o):\n    STATE['skip'] += 1\n    return 1", "", "json.dumps(object(), default=encode)"),
    "handler of a log": ("class Handler(logging.Handler):\n    def emit(self, record): STATE['skip'] += 1\nlog = logging.getLogger('x')", "log.addHandler(Handler())", "log.warning('x')"),
    "handler of a signal": ("def step(*a): STATE['skip'] += 1", "signal.signal(signal.SIGUSR1, step)", "signal.raise_signal(signal.SIGUSR1)"),
    "object printed to": ("class Out:\n    def write(self, s): STATE['skip'] += 1", "", "print(n, file=Out())"),
    "class that is raised": ("class Odd(Exception):\n    def __init__(self): STATE['skip'] += 1", "", "try:\n    raise Odd\nexcept Odd:\n    pass"),
    "partial": ("def step(n): STATE['skip'] = n", "go = functools.partial(step)", "go(n)"),
    "table": ("def step(n): STATE['skip'] = n\nTABLE = {0: step}", "", "TABLE[0](n)"),
    "list of listeners": (
        "def step(n): STATE['skip'] = n\nclass Bus:\n    def __init__(self): self.them = []\n    def on(self, f): self.them.append(f)\n    def fire(self, n):\n        for f in self.them: f(n)",
        "bus = Bus()\nbus.on(step)", "bus.fire(n)",
    ),
    "function in an attribute": ("def step(n): STATE['skip'] = n\nclass Job:\n    def __init__(self, f): self.hook = f", "job = Job(step)", "job.hook(n)"),
    "stack of calls": ("def step(n): STATE['skip'] = n", "", "with contextlib.ExitStack() as stack:\n    stack.callback(step, n)"),
    "import into a global": ("def note():\n    global STATE\n    import os as STATE", "", "note()"),
    "module as an object": ("", "", "sys.modules[__name__].STATE = {'skip': n}"),
    "setattr of a module": ("def note(n): setattr(sys.modules[__name__], 'STATE', {'skip': n})", "", "note(n)"),
    "holder": ("class Holder: pass", "h = Holder()\nh.state = STATE", "h.state['skip'] = n"),
    "attribute of a class": ("class Holder:\n    state = STATE", "", "Holder.state['skip'] = n"),
    "namespace": ("ns = types.SimpleNamespace(state=STATE)", "", "ns.state['skip'] = n"),
    "getter": ("def state(): return STATE", "", "state()['skip'] = n"),
    "getter that is kept": ("@functools.lru_cache(None)\ndef state(): return STATE", "", "s = state()\ns['skip'] = n"),
    "either": ("", "", "(STATE or {})['skip'] = n"),
    "named on the way": ("", "", "(s := STATE)['skip'] = n"),
    "display": ("", "", "[STATE][0]['skip'] = n"),
    "loop over a display": ("", "view = [STATE]", "for s in view: s.update(skip=n)"),
    "part that a helper changes": ("def bump(s, n): s['skip'] = n", "box = (STATE, 1)", "bump(box[0], n)"),
    "method of the class": ("", "", "dict.update(STATE, skip=n)"),
    "function for the operator": ("", "", "operator.setitem(STATE, 'skip', n)"),
    "bound method": ("", "put = STATE.update", "put(skip=n)"),
    "module under a name": ("import program as me", "", "me.STATE['skip'] = n"),
    "namespace of the module": ("", "", "sys.modules[__name__].__dict__['STATE'] = {'skip': n}"),
    "variables of the module": ("def put(n): vars(sys.modules[__name__]).update(STATE={'skip': n})", "", "put(n)"),
    "subclass": ("class Base:\n    def __init_subclass__(cls): STATE['skip'] += 1", "", "class Other(Base): pass"),
    "decorated in the loop": ("def tick(f):\n    STATE['skip'] += 1\n    return f", "", "@tick\ndef inner(): pass"),
    "single dispatch": ("@functools.singledispatch\ndef go(n): pass\n@go.register\ndef _(n: int): STATE['skip'] = n", "", "go(n)"),
    "single dispatch of a method": (
        "class A:\n    @functools.singledispatchmethod\n    def go(self, n): pass\n    @go.register\n    def _(self, n: int): STATE['skip'] = n", "a = A()", "a.go(n)",
    ),
    "profiler": ("def hook(*a): STATE['skip'] += 1\nsys.setprofile(hook)", "", "print(n)"),
    "audit": ("def hook(*a): STATE['skip'] += 1\nsys.addaudithook(hook)", "", "print(n)"),
    "output that is replaced": ("class Out:\n    def write(self, s): STATE['skip'] += 1\nsys.stdout = Out()", "", "print(n)"),
    "object that is given it": ("class Step:\n    def __init__(self, s): self.s = s\n    def go(self, n): self.s['skip'] = n", "step = Step(STATE)", "step.go(n)"),
}  # fmt: skip

WRITES: dict[str, Piece] = {
    "mapped over paths": ("", "", "list(map(Path.write_text, [Path(f'{root}/in/{n + 1}.txt')], ['x']))"),
    "stack of calls": ("", "", "with contextlib.ExitStack() as stack:\n    stack.callback(os.truncate, f'{root}/in/{n + 1}.txt', 2)"),
    "partial open": ("", "save = functools.partial(open, mode='w')", "save(f'{root}/in/{n + 1}.txt').close()"),
    "partial open on the spot": ("", "", "functools.partial(open, mode='w')(f'{root}/in/{n + 1}.txt').close()"),
    "bound method": ("", "", "target = Path(f'{root}/in/{n + 1}.txt')\nsave = target.write_text\nsave('x')"),
    "looked up by its name": ("", "", "target = Path(f'{root}/in/{n + 1}.txt')\nsave = getattr(target, 'write_text')\nsave('x')"),
    "called by its name": ("", "", "operator.methodcaller('write_text', 'x')(Path(f'{root}/in/{n + 1}.txt'))"),
    "zip": ("", "", "with zipfile.ZipFile(f'{root}/in/{n + 1}.txt', 'w'): pass"),
    "tar": ("", "", "tarfile.open(f'{root}/in/{n + 1}.txt', 'w:gz').close()"),
    "compressed": ("", "", "with bz2.BZ2File(f'{root}/in/{n + 1}.txt', 'w') as f: pass"),
    "raw file": ("", "", "io.FileIO(f'{root}/in/{n + 1}.txt', 'w').close()"),
    "descriptor": ("", "", "fd = os.open(f'{root}/in/{n + 1}.txt', 1)\nos.ftruncate(fd, 2)\nos.close(fd)"),
    "cookies": ("", "jar = http.cookiejar.MozillaCookieJar()", "jar.save(f'{root}/in/{n + 1}.txt')"),
    "profile": ("", "profile = cProfile.Profile()", "name = f'{root}/in/{n + 1}.txt'\nprofile.dump_stats(name)"),
    "snapshot": ("", "", "tracemalloc.take_snapshot().dump(f'{root}/in/{n + 1}.txt')"),
    "log file": ("", "", "name = f'{root}/in/{n + 1}.txt'\nlogging.FileHandler(name, 'w').close()"),
    "log": ("", "", "name = f'{root}/in/{n + 1}.txt'\nlogging.basicConfig(filename=name, filemode='w', force=True)"),
    "object that goes": ("class Temp:\n    def __init__(self, p): self.p = p\n    def __del__(self): Path(self.p).write_text('x')", "", "Temp(f'{root}/in/{n + 1}.txt')"),
    "object printed to": ("class Tee:\n    def __init__(self, p): self.p = p\n    def write(self, s): Path(self.p).write_text('x')", "", "print('x', file=Tee(f'{root}/in/{n + 1}.txt'))"),
    "object dumped to": (
        "class Tee:\n    def __init__(self, p): self.p = p\n    def write(self, s): Path(self.p).write_text('x')", "", "tee = Tee(f'{root}/in/{n + 1}.txt')\njson.dump([n], tee)",
    ),
    "sent to a generator": ("def sink():\n    while True:\n        Path((yield)).write_text('x')", "feed = sink()\nnext(feed)", "feed.send(f'{root}/in/{n + 1}.txt')"),
    "generator that is gone over": (
        "def sink(names):\n    for name in names:\n        Path(name).write_text('x')\n        yield name", "todo = sink(['in/2.txt', 'in/3.txt'])", "for name in todo: break",
    ),
    "thread that is told": (
        "def serve(todo, done):\n    while True:\n        Path(todo.get()).write_text('x')\n        done.put(1)",
        "todo, done = queue.Queue(), queue.Queue()\nthreading.Thread(target=serve, args=(todo, done), daemon=True).start()", "todo.put(f'{root}/in/{n + 1}.txt')\ndone.get()",
    ),
    "thread that writes an unknown path": (
        "todo = queue.Queue()\ndef serve():\n    while True:\n        target = todo.get()\n        target.write_text('x')",
        "threading.Thread(target=serve, daemon=True).start()", "todo.put(Path(f'{root}/in/{n + 1}.txt'))",
    ),
    "thread that writes beside a path": (
        "todo = queue.Queue()\ndef serve():\n    while (path := todo.get()) is not None:\n        path.with_name(f'{n + 1}.txt').write_bytes(b'x')\n        todo.task_done()",
        "threading.Thread(target=serve, daemon=True).start()", "todo.put(Path(f'{root}/in/{n}.txt'))\ntodo.join()",
    ),
    "thread that opens an unknown path": (
        "todo = queue.Queue()\ndef serve():\n    with todo.get().open('w') as file:\n        file.write('x')", "threading.Thread(target=serve).start()", "todo.put(Path(f'{root}/in/{n + 1}.txt'))",
    ),
    "thread that renames": (
        "todo = queue.Queue()\ndef serve():\n    old, new = todo.get()\n    old.replace(new)", "threading.Thread(target=serve).start()", "todo.put((Path('a'), Path(f'{root}/in/{n + 1}.txt')))",
    ),
    "thread that deletes": ("todo = queue.Queue()\ndef serve(): todo.get().unlink()", "threading.Thread(target=serve).start()", "todo.put(Path(f'{root}/in/{n + 1}.txt'))"),
    "thread that gives paths to unseen code": (
        "todo = queue.Queue()\ndef serve():\n    while True:\n        frame, target = todo.get()\n        frame.to_csv(target)\n        todo.task_done()",
        "threading.Thread(target=serve, daemon=True).start()", "todo.put((n, f'{root}/in/{n + 1}.txt'))\ntodo.join()",
    ),
    "unknown path in a function": ("def save(target): target.write_text('x')", "", "save(Path(f'{root}/in/{n + 1}.txt'))"),
    "passed on to an unresolved call": ("from project import store\ndef save(name): store.save(name)", "", "save(f'{root}/in/{n + 1}.txt')"),
    "class of a thread": (
        "class Saver(threading.Thread):\n    todo = queue.Queue()\n    def run(self): Path(self.todo.get()).write_text('x')", "saver = Saver()", "saver.todo.put(f'{root}/in/{n + 1}.txt')",
    ),
    "thread that waits for an event": (
        "go, box = threading.Event(), []\ndef serve():\n    go.wait()\n    Path(box[-1]).write_text('x')", "threading.Thread(target=serve, daemon=True).start()", "box.append(f'{root}/in/{n + 1}.txt')\ngo.set()",
    ),
    "one of many files": ("", "files = [open(f'{root}/in/{k}.txt', 'a') for k in range(9)]", "print('x', file=files[n], flush=True)"),
    "one of many writers": ("import csv", "rows = [csv.writer(open(f'{root}/in/{k}.txt', 'r+')) for k in range(9)]", "rows[n].writerow([n])"),
    "folder, mapped": ("", "", "list(map(os.chdir, [root]))"),
    "folder, out of a list": ("", "moves = [os.chdir]", "for move in moves: move(root)"),
}  # fmt: skip

WAITS = [
    "jobs.get(True, DELAY)", "stop.wait(DELAY)", "stop.wait(timeout=DELAY)", "wait(DELAY)", "ready.wait_for(lambda: False, DELAY)", "jobs.get(timeout=DELAY)", "lock.acquire(timeout=DELAY)",
    "select.select([], [], [], DELAY)", "poller.poll(DELAY)", "thread.join(DELAY)", "signal.sigtimedwait([], DELAY)", "asyncio.run(asyncio.sleep(DELAY))",
]  # fmt: skip


def program(head: str, piece: Piece) -> str:
    """A program out of its pieces."""
    above, before, rest = piece
    lines = ["out = []", *before.splitlines(), "for n in range(1, 9):", "    text = load(root, n)", "    out.append(text[:8])"]
    body = "\n".join([*lines, textwrap.indent(rest, "    "), "return out"])
    return f"{head}{above}\ndef main(root):\n{textwrap.indent(body, '    ')}\n"


def is_kept(text: str) -> bool:
    """Whether no safe fix changes a program."""
    return fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode() == text


@pytest.mark.parametrize("head", [READS_A_GLOBAL, READS_FILES, ASKS_A_SERVER])
def test_without_such_a_rest_they_are_fixed(head: str) -> None:
    assert not is_kept(program(head, ("def show(n): print(n)", "seen = {}", "show(n)\nseen[n] = len(text)")))


@pytest.mark.parametrize("piece", CHANGES_STATE.values(), ids=CHANGES_STATE)
def test_a_changed_global_is_not_read_ahead(piece: Piece) -> None:
    assert is_kept(program(READS_A_GLOBAL, piece))


@pytest.mark.parametrize("piece", WRITES.values(), ids=WRITES)
def test_files_that_may_be_written_are_not_read_ahead(piece: Piece) -> None:
    assert is_kept(program(READS_FILES, piece))


@pytest.mark.parametrize("rest", WAITS)
def test_paced_requests_stay_paced(rest: str) -> None:
    assert is_kept(program(ASKS_A_SERVER, ("", "", rest)))


OTHERS = {
    "capture of a match": "def load(root, n, skip): return open(f'{root}/{n}').read()[skip:]\ndef main(root):\n    skip = 0\n    for n in range(9):\n        text = load(root, n, skip)\n        print(text)\n        match n:\n            case skip: pass\n",
    "star of a match": "def load(root, n, skip): return open(f'{root}/{n}').read()[len(skip):]\ndef main(root):\n    skip = []\n    for n in range(9):\n        text = load(root, n, skip)\n        match text.split():\n            case [_, *skip]: pass\n",
    "rest of a mapping": "def load(root, n, skip): return open(f'{root}/{n}').read()[len(skip):]\ndef main(root):\n    skip = {}\n    for n in range(9):\n        text = load(root, n, skip)\n        match {'a': text}:\n            case {'b': 1, **skip}: pass\n",
    "import": "def load(root, n, name): return open(f'{root}/{n}').read() + str(name)\ndef main(root):\n    name = 1\n    for n in range(9):\n        text = load(root, n, name)\n        print(text)\n        import os as name\n",
    "def": "def load(root, n, name): return open(f'{root}/{n}').read() + str(name)\ndef main(root):\n    name = 1\n    for n in range(9):\n        text = load(root, n, name)\n        print(text)\n        def name(): pass\n",
    "class": "def load(root, n, name): return open(f'{root}/{n}').read() + str(name)\ndef main(root):\n    name = 1\n    for n in range(9):\n        text = load(root, n, name)\n        print(text)\n        class name: pass\n",
    "condition that a decorator changes": "DONE = set()\ndef logged(f):\n    def g(n):\n        DONE.add(n)\n        return f(n)\n    return g\n@logged\ndef store(n): pass\ndef main(root):\n    for n in [1, 2, 1]:\n        if n in DONE:\n            continue\n        text = open(f'{root}/{n}').read()\n        print(text)\n        store(n)\n",
    "state that items share": "class Job:\n    def __init__(self, n, state): self.n, self.state = n, state\n    def load(self, root): return open(f'{root}/{self.n}').read()[self.state['skip']:]\n    def finish(self): self.state['skip'] += 1\ndef main(root):\n    state = {'skip': 0}\n    jobs = [Job(n, state) for n in range(9)]\n    for job in jobs:\n        text = job.load(root)\n        print(text)\n        job.finish()\n",
    "next item": "class Job:\n    def __init__(self, n): self.n, self.next, self.skip = n, None, 0\n    def load(self, root): return open(f'{root}/{self.n}').read()[self.skip:]\n    def finish(self): self.next.skip = self.n\ndef main(root, jobs: list[Job]):\n    for job in jobs:\n        text = job.load(root)\n        print(text)\n        job.finish()\n",
    "class of the item": "class Job:\n    skip = 0\n    def __init__(self, n): self.n = n\n    def load(self, root): return open(f'{root}/{self.n}').read()[self.skip:]\n    def finish(self): type(self).skip += 1\ndef main(root, jobs: list[Job]):\n    for job in jobs:\n        text = job.load(root)\n        print(text)\n        job.finish()\n",
    "part of the item": "class Job:\n    def __init__(self, n): self.n, self.parts = n, [0]\ndef load(root, job): return open(f'{root}/{job.n}').read()[job.parts[-1]:]\ndef main(root):\n    one = Job(1)\n    for job in [one, one, one]:\n        text = load(root, job)\n        print(text)\n        job.parts.append(len(text))\n",
    "other way to the item": "def load(root, group): return open(f'{root}/{group[0]}').read(), len(group)\ndef main(root):\n    groups = [[n] for n in range(9)]\n    index = {group[0]: group for group in groups}\n    for group in groups:\n        text = load(root, group)\n        print(text)\n        index[group[0] + 1].append(0)\n",
    "what items hold": "def load(root, row): return open(f'{root}/{row[\"n\"]}').read()[row['meta']['skip']:]\ndef main(root):\n    meta = {'skip': 0}\n    rows = [{'n': n, 'meta': meta} for n in range(9)]\n    for row in rows:\n        text = load(root, row)\n        print(text)\n        meta['skip'] += 1\n",
    "what another object holds": "class Job:\n    def __init__(self, n, options): self.n, self.options = n, options\n    def load(self, root): return open(f'{root}/{self.n}').read()[self.options['skip']:]\nclass Runner:\n    def __init__(self, options): self.settings = options\n    def done(self): self.settings['skip'] += 1\ndef main(root):\n    options = {'skip': 0}\n    runner = Runner(options)\n    jobs = [Job(n, options) for n in range(9)]\n    for job in jobs:\n        text = job.load(root)\n        print(text)\n        runner.done()\n",
    "second of a pair": "class Job:\n    def __init__(self, n): self.n, self.skip = n, 0\ndef load(root, job): return open(f'{root}/{job.n}').read()[job.skip:]\ndef main(root):\n    jobs = [Job(n) for n in range(9)]\n    for a, b in zip(jobs, jobs[1:]):\n        text = load(root, a)\n        print(text)\n        b.skip = len(text)\n",
    "second dictionary of a pair": "def load(root, row): return open(f'{root}/{row[\"n\"]}').read()[row['skip']:]\ndef main(root):\n    rows = [{'n': n, 'skip': 0} for n in range(9)]\n    for row, after in zip(rows, rows[1:]):\n        text = load(root, row)\n        print(text)\n        after.update(skip=len(text))\n",
    "all items": "class Job:\n    def __init__(self, n): self.n, self.skip = n, 0\n    def load(self, root): return open(f'{root}/{self.n}').read()[self.skip:]\ndef main(root):\n    jobs = [Job(n) for n in range(9)]\n    for job in jobs:\n        text = job.load(root)\n        print(text)\n        for other in jobs: other.skip = len(text)\n",
    "all items in a function": "class Job:\n    def __init__(self, n): self.n, self.skip = n, 0\ndef main(root):\n    jobs = [Job(n) for n in range(9)]\n    def skip_all(n):\n        for other in jobs: other.skip = n\n    for job in jobs:\n        text = open(f'{root}/{job.n}').read(job.skip)\n        print(text)\n        skip_all(len(text))\n",
    "waiting without a call": "import time\ndef main(root):\n    for n in range(9):\n        text = open(f'{root}/{n}').read()\n        print(text)\n        end = time.monotonic() + 0.1\n        while time.monotonic() < end: pass\n",
    "environment as a parameter": "import os\ndef load(root, n): return os.path.expandvars('$WHO'), open(f'{root}/{n}').read()\ndef collect(root, env):\n    for n in range(9):\n        text = load(root, n)\n        print(text)\n        env['WHO'] = str(n)\ndef main(root): collect(root, os.environ)\n",
    "environment in an attribute": "import os\nclass Conf:\n    def __init__(self): self.env = os.environ\ndef main(root):\n    conf = Conf()\n    for n in range(9):\n        text = open(f'{root}/{n}').read()[:int(os.getenv('WIDTH', '3'))]\n        print(text)\n        conf.env['WIDTH'] = str(n)\n",
    "clock on both sides": "import time\ndef main(root):\n    for n in range(9):\n        took = -time.perf_counter()\n        text = open(f'{root}/{n}').read()\n        took += time.perf_counter()\n        print(text, took)\n",
    "clock of an object": "import time\nclass Timer:\n    def start(self): self.t = time.perf_counter()\n    def stop(self): return time.perf_counter() - self.t\ndef main(root):\n    timer = Timer()\n    for n in range(9):\n        timer.start()\n        text = open(f'{root}/{n}').read()\n        print(text, timer.stop())\n",
    "stamps": "import time\ndef main(root):\n    stamps = []\n    for n in range(9):\n        text = open(f'{root}/{n}').read()\n        stamps.append(time.perf_counter())\n        print(text)\n    return stamps\n",
    "comprehension": "STATE = {'skip': 0}\ndef deco(f):\n    def g(*a):\n        STATE['skip'] += 1\n        return f(*a)\n    return g\n@deco\ndef show(n): return n\ndef load(root, n): return open(f'{root}/{n}').read()[STATE['skip']:]\ndef main(root): return [show(load(root, n)) for n in range(9)]\n",
    "comprehension that writes": "from pathlib import Path\nclass Saver:\n    def __call__(self, n): Path(f'{n + 1}').write_text('x')\nsaver = Saver()\ndef main(root): return [(open(f'{root}/{n}').read(), saver(n)) for n in range(9)]\n",
}  # fmt: skip


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_whole_programs_are_kept(text: str) -> None:
    assert is_kept(text)


REGISTRIES = [
    "import csv\ndef main(root):\n    for n in range(9):\n        rows = list(csv.reader(open(f'{root}/{n}'), 'mine'))\n        print(rows)\n        csv.register_dialect('mine', delimiter=' ')\n",
    "import mimetypes\ndef main(root):\n    for n in range(9):\n        text = open(f'{root}/{n}').read(), mimetypes.guess_type('x.odd')\n        print(text)\n        mimetypes.add_type('odd/x', '.odd')\n",
    "import csv\ndef note(n): csv.field_size_limit(n)\ndef main(root):\n    for n in range(9):\n        rows = list(csv.reader(open(f'{root}/{n}')))\n        print(rows)\n        note(n)\n",
]


@pytest.mark.parametrize("text", REGISTRIES)
def test_registries_of_the_process_are_not_read_ahead(text: str) -> None:
    assert is_kept(text)


PLAIN = """
import argparse, csv, dataclasses, json, logging, os, re, sys, time
from pathlib import Path
import requests
from project.reports import Report
log = logging.getLogger(__name__)
TOTALS = {}
CONFIG = {"depth": 3}
@dataclasses.dataclass
class Row:
    name: str
    size: int = 0
    tags: list = dataclasses.field(default_factory=list)
    def add(self, tag): self.tags.append(tag)
def timed(f):
    def g(*a):
        begin = time.perf_counter()
        try:
            return f(*a)
        finally:
            log.info("%s took %s", f.__name__, time.perf_counter() - begin)
    return g
@timed
def show(x): print(x)
class Store:
    def __init__(self, root):
        self.root = root
        self.seen = set()
        self.found = {}
        self.count = 0
    def note(self, name, text):
        self.seen.add(name)
        self.found[name] = text
        self.count += 1
    def load(self, names):
        for name in names:
            text = open(os.path.join(self.root, name)).read()
            self.note(name, text)
    @property
    def total(self): return sum(map(len, self.found.values()))
    def __len__(self): return len(self.found)
    def __enter__(self): return self
    def __exit__(self, *a): self.found.clear()
def tidy(row, text):
    other = row.copy()
    other.update(name=text.replace("a", "b"))
    return other.rename(columns=str), text.open, row.move(1, 2)
def label(p, text):
    name = os.path.basename(p)
    print(f"{name}: {text}".strip())
def command(args): loop(args.paths)
def main():
    parser = argparse.ArgumentParser()
    parser.set_defaults(func=command)
    args = parser.parse_args()
    args.func(args)
def loop(paths, given=None, callback=print):
    found = {}
    report = Report()
    start = time.monotonic()
    rows = csv.writer(sys.stdout)
    for p in paths:
        text = Path(p).read_text()
        REST
"""
HARMLESS = [
    "print(p, len(text))", "given[p] = text", "print(CONFIG['depth'], text[0])", "TOTALS[p] = TOTALS.get(p, 0) + len(text)",
    "log.info('read %s', p)", "rows.writerow([p, len(text)])", "row = Row(p)\nrow.size = len(text)\nrow.add('x')",
    "show(text)", "report.add(text)", "data = json.loads(text)\ndata['p'] = p\ndata['c'].append(1)", "record = json.loads(text)\nrecord['p'] = p\nprint(record)",
    "print(text[:CONFIG['depth']], time.monotonic() - start)", "for line in text.splitlines():\n    if re.search('x', line):\n        print(line)",
    "with Store('x') as store:\n    store.note(p, text)", "print(', '.join([text, str(p)]))", "base, ext = os.path.splitext(p)\nprint(base.upper(), ext, text)",
    "line = text.replace('a', 'b').strip()\nprint(line)", "tidy(json.loads(text), text)", "label(p, text)",
]  # fmt: skip


@pytest.mark.parametrize("rest", HARMLESS)
def test_a_plain_rest_keeps_the_safe_fix(rest: str) -> None:
    text = PLAIN.replace("REST", textwrap.indent(rest, " " * 8).strip())
    fixed = fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()
    assert fixed.count("run_parallel(") == 2
