"""Ways for the rest of a loop to change, under another name, what later passes look at: definitions, what stands before the loop, what
each pass looks at before it reads, and what it does then. `n` is the item, `text` what was read.
"""

from __future__ import annotations

Way = tuple[str, str, str, str]

TARGETS: tuple[Way, ...] = (
    ('class Conf: pass', 's = Conf(); s.n = 0', 'if s.n > 2: continue', '[0 for s.n in (n, n)]'),
    ('', "s = {'n': 0}", "if s['n'] > 2: continue", "any(0 for s['n'] in [n])"),
    ("def load(s, n): return open(f'{s.sub}/{n}').read()\nclass Conf: pass", "s = Conf(); s.sub = 'in'", '', "load(s, n)\n[0 for s.sub in ('json', 'none')]"),
    ('', "s = {'n': 0}", "if s['n'] > 2: continue", "{0: 0 for s['n'] in [n]}"),
    ('', "s = {'n': 0}", "if s['n'] > 2: continue", "[0 for (i, (s['n'], k)) in [(1, (n, 2))]]"),
    ('', 's = [0]', 'if s[0] > 2: continue', 'sum(1 for s[0] in [n])'),
    ('', 's = [0]', 'if s[0] > 2: continue', '[0 for s[:] in [[n]]]'),
)  # fmt: skip
"""Targets of comprehensions and loops that are attributes or elements."""
RECEIVERS: tuple[Way, ...] = (
    ('', 's, o = [], []', 'if len(s) > 2: continue', '(s if n else o).append(n)'),
    ('', 's, o = [], []', 'if len(s) > 2: continue', '(o or s).append(n)'),
    ('', 's, o = [], []', 'if len(s) > 2: continue', '{True: s, False: o}[n > 0].append(n)'),
    ('', 's = []', 'if len(s) > 2: continue', '(0, s)[1].append(n)'),
    ('', 's = []\nt = {1: s}', 'if len(s) > 2: continue', 't[1] += [n]'),
    ('', 's = []', 'if len(s) > 2: continue', "{}.get('a', s).append(n)"),
    ('', 's = []\no = []', 'if len(s) > 2: continue', '(s and o or s).append(n)'),
    ('', 's = []', 'if len(s) > 2: continue', '[x for x in (s,)][0].append(n)'),
    ('', 's = [1, 2, 3, 4, 5, 6]', 'if len(s) < 3: continue', 'del (s if n else [])[0]'),
    ('', "s = {'n': 0}", "if s['n'] > 2: continue", "(s if n else {})['n'] = n"),
)  # fmt: skip
"""What is changed is an expression, not a name."""
VIEWS: tuple[Way, ...] = (
    ('', 'd = {}; v = d.keys()', 'if len(v) > 2: continue', 'd[n] = 1'),
    ('', "d = {'sub': 'in'}; v = collections.ChainMap({}, d)", "if v['sub'] == 'out': continue", "d['sub'] = 'out'"),
    ('', "d = {'n': 0}; v = types.MappingProxyType(d)", "if v['n'] > 2: continue", "d['n'] = n"),
    ('', 'b = bytearray(4); v = memoryview(b)', 'if b[0] > 2: continue', 'v[0] = n'),
    ('', "d = {'a': 0}\nv = d.values()", 'if max(v) > 2: continue', "d['a'] = n"),
    ('', "d = {'a': 0}\nv = d.items()", "if ('a', 3) in v: continue", "d['a'] = n"),
    ('', "d = {'a': 0}\nv = collections.ChainMap(d).new_child()", "if v['a'] > 2: continue", "d['a'] = n"),
    ('', 'b = bytearray(8)\nv = memoryview(b)', 'if v[0] > 2: continue', 'b[0] = n'),
    ('', 'd = {}\nv = types.MappingProxyType(d)', 'if len(v) > 2: continue', 'd[n] = 1'),
    ('', "d = {}\nv = d.keys().mapping if hasattr(d.keys(), 'mapping') else d", 'if len(v) > 2: continue', 'd[n] = 1'),
    ('', 'o = types.SimpleNamespace(a=0)\nv = o.__dict__', "if v['a'] > 2: continue", 'o.a = n'),
    ('class View:\n    def __init__(self, of): self.of = of\n    def __len__(self): return len(self.of)\nd = []\nv = View(d)', '', 'if len(v) > 2: continue', 'd.append(n)'),
    ('', 'l = []\nv = memoryview(bytearray(1))\nt = (l,)', 'if len(t[0]) > 2: continue', 'l.append(n)'),
    ('', "a = array.array('i', [0])\nv = memoryview(a)", 'if a[0] > 2: continue', 'v[0] = n'),
    ('', 'l = [[0]]\nd = collections.deque(l)', 'if l[0][0] > 2: continue', 'd[0][0] = n'),
    ('', 'l = [0]\nd = [l] * 3', 'if l[0] > 2: continue', 'd[2][0] = n'),
    ('', 'c = collections.Counter()\nv = c.keys()', 'if len(v) > 2: continue', 'c.update([n])'),
)  # fmt: skip
"""What is looked at shows what is changed under another name, or the other way."""
CALLS: tuple[Way, ...] = (
    ('', 'b = bytearray(4)', 'if b[0] > 2: continue', "struct.pack_into('i', b, 0, n)"),
    ('', 'b = bytearray(1)', 'if b[0] > 2: continue', 'io.BytesIO(bytes([n])).readinto(b)'),
    ('', "b = bytearray(4)\nst = struct.Struct('i')", 'if b[0] > 2: continue', 'st.pack_into(b, 0, n)'),
    ('', "b = bytearray(4)\npk = struct.Struct('i').pack_into", 'if b[0] > 2: continue', 'pk(b, 0, n)'),
    ('', 's = [0]', 'if s[0] > 2: continue', 'list.__setitem__(s, 0, n)'),
)  # fmt: skip
"""Functions and methods that change what they are given."""
PARTS: tuple[Way, ...] = (
    ('', "a = {'n': 0}; s = {'a': a}", "if s['a']['n'] > 2: continue", "a['n'] = n"),
    ('', 'a = []; s = (a, 1)', 'if len(s[0]) > 2: continue', 'a.append(n)'),
    ('', "a = []; s = dict(zip('ab', [a, 1]))", "if len(s['a']) > 2: continue", 'a.append(n)'),
    ('', "a = {'n': 0}; s = [a, 1]", "if s[0]['n'] > 2: continue", 'a.update(n=n)'),
    ('', 'a = []; s = dict(a=a)', "if len(s['a']) > 2: continue", 'a.append(n)'),
    ('', 'a = []; s = list(enumerate([a]))', 'if len(s[0][1]) > 2: continue', 'a.append(n)'),
    ('', "a = []; s = {'x': {'y': [a]}}", "if len(s['x']['y'][0]) > 2: continue", 'a.append(n)'),
    ('', "a = []; s = {k: a for k in 'ab'}", "if len(s['a']) > 2: continue", 'a.append(n)'),
    ('', 'a = []; s = []\ns.append(a)', 'if len(s[0]) > 2: continue', 'a.append(n)'),
    ('', "a = []; s = {}\ns['a'] = a", "if len(s['a']) > 2: continue", 'a.append(n)'),
    ('', 'a = []; s = [a, []]', 'if sum(map(len, s)) > 2: continue', 'a.append(n)'),
    ('', 'a = []; s = [a]', 'if any(s): continue', 'a.append(n)'),
    ('', 'a = []; s = [a]', 'if s == [[1, 2]]: continue', 'a.append(n)'),
    ('', 'a = []; s = (a,)', 'if len(str(s)) > 9: continue', 'a.append(n)'),
    ('', 'a = []; s = (a,)', "if len(f'{s}') > 9: continue", 'a.append(n)'),
    ('', "a = []; s = {'a': a}", 'if len(json.dumps(s)) > 12: continue', 'a.append(n)'),
    ('', 'a = []; s = [a, [0]]', 'if len(list(itertools.chain(*s))) > 3: continue', 'a.append(n)'),
    ('', "a = []; s = {**{'a': a}}", "if len(s['a']) > 2: continue", 'a.append(n)'),
    ('', "a = []; s = dict.fromkeys('ab', a)", "if len(s['a']) > 2: continue", 'a.append(n)'),
    ('', 'a = []; s = collections.deque([a])', 'if len(s[0]) > 2: continue', 'a.append(n)'),
    ('', 'a = []; s = list(itertools.repeat(a, 2))', 'if len(s[0]) > 2: continue', 'a.append(n)'),
    ('', 'a = []; s = (a,) + (1,)', 'if len(s[0]) > 2: continue', 'a.append(n)'),
    ('', 'a = []\ndef size(x=a): return len(x)', 'if size() > 2: continue', 'a.append(n)'),
    ('', "a = []; s = [*zip([a], 'b')]", 'if len(s[0][0]) > 2: continue', 'a.append(n)'),
    ('', 'a = []; s = sorted([a])', 'if len(s[0]) > 2: continue', 'a.append(n)'),
    ("def wrap(v): return {'x': v}", 'a = []; s = wrap(a)', "if len(s['x']) > 2: continue", 'a.append(n)'),
    ('', 'a = []; s = functools.partial(print, a)', 'if len(s.args[0]) > 2: continue', 'a.append(n)'),
    ('', 'a = []; s = [a].copy()', 'if len(s[0]) > 2: continue', 'a.append(n)'),
)  # fmt: skip
"""What is changed is a part of what is looked into."""
ITEMS: tuple[Way, ...] = (
    ('', 'again = recs + []', '', "again[4]['file'] = rec['file']"),
    ('', '', '', "heapq.nlargest(1, recs, key=lambda r: r['id'])[0]['file'] = rec['file']"),
    ('', 'idx = dict(enumerate(recs)); vals = idx.values()', '', "list(vals)[-1]['file'] = rec['file']"),
    ('', 'redirect = functools.partial(dict.update, recs[4])', '', "redirect({'file': rec['file']})"),
    ('', 'h = collections.ChainMap(recs[4])', '', "h['file'] = rec['file']"),
    ('', 'again = []\nagain += recs', '', "again[4]['file'] = rec['file']"),
    ('', "redirect = functools.partial(operator.setitem, recs[4], 'file')", '', "redirect(rec['file'])"),
    ('', 'again = recs * 2', '', "again[4]['file'] = rec['file']"),
    ('', '', '', "heapq.nsmallest(6, recs, key=lambda r: r['id'])[4]['file'] = rec['file']"),
    ('', '', '', "operator.methodcaller('update', file=rec['file'])(recs[4])"),
    ('', "for a, b in zip(recs, recs[1:]): a['next'] = b", '', "(rec.get('next') or {})['file'] = rec['file']"),
    ('', "last = recs[-1]\nfor r in recs: r['last'] = last", '', "rec['last']['file'] = rec['file']"),
)  # fmt: skip
"""Items of the loop under other names; the loop goes over `recs`."""
SETATTR: tuple[Way, ...] = (
    ('', 's = types.SimpleNamespace(n=0)', 'if s.n > 2: continue', "list(map(setattr, [s], ['n'], [n]))"),
    ('class Conf:\n    def __init__(self): self.n = 0', 's = Conf()', 'if s.n > 2: continue', "list(map(setattr, [s], ['n'], [n]))"),
    ('', 's = types.SimpleNamespace(n=0)', 'if s.n > 2: continue', "list(itertools.starmap(setattr, [(s, 'n', n)]))"),
    ('', 's = types.SimpleNamespace(n=0)', "if not hasattr(s, 'n'): continue", "list(map(delattr, [s], ['n'])) if n == 3 else 0"),
    ('def call(f, *a): f(*a)', 's = types.SimpleNamespace(n=0)', 'if s.n > 2: continue', "call(setattr, s, 'n', n)"),
    ('', 's = types.SimpleNamespace(n=0)\nput = s.__setattr__', 'if s.n > 2: continue', "put('n', n)"),
    ('', "s = {'n': 0}", "if s['n'] > 2: continue", "list(map(s.__setitem__, ['n'], [n]))"),
)  # fmt: skip
"""Functions that change what they are given, given themselves."""
READERS: tuple[Way, ...] = (
    ('', 'a = []; size = functools.partial(len, a)', 'if size() > 2: continue', 'a.append(n)'),
    ('def count(x): return len(x)', 'a = []; size = functools.partial(count, a)', 'if size() > 2: continue', 'a.append(n)'),
    ('def count(x): return len(x)', 'a = []; size = functools.partial(count, x=a)', 'if size() > 2: continue', 'a.append(n)'),
    ('def reader(x):\n    def size(): return len(x)\n    return size', 'a = []; size = reader(a)', 'if size() > 2: continue', 'a.append(n)'),
)  # fmt: skip
"""What looks at an object was made before the loop."""
FILLED: tuple[Way, ...] = (
    ('', 'dd = collections.defaultdict(list)', 'if len(dd) > 2: continue', 'print(dd[n])'),
    ('', 'dd = collections.defaultdict(int)', 'if len(dd) > 2: continue', "out.append('{a}{b}'.format_map(dd))"),
    ('', 'dd = collections.defaultdict(list)', 'if len(dd) > 2: continue', 'operator.itemgetter(n)(dd)'),
    ('', 'dd = collections.defaultdict(int)', 'if len(dd) > 2: continue', "'%(a)s%(b)s%(c)s' % dd"),
    ('', 'dd = collections.defaultdict(int)', 'if len(dd) > 2: continue', "'{0[a]}{0[b]}{0[c]}'.format(dd)"),
    ('', 'dd = collections.defaultdict(list)\nd2 = dd', 'if len(dd) > 2: continue', 'd2[n]'),
    ('def look(d, n): return d[n]', 'dd = collections.defaultdict(list)', 'if len(dd) > 2: continue', 'look(dd, n)'),
    ('class M(collections.defaultdict): pass', 'dd = M(list)', 'if len(dd) > 2: continue', 'dd[n]'),
    ('', 'dd = collections.defaultdict(list)', 'if len(dd) > 2: continue', '[dd[k] for k in (n,)]'),
    ('', "dd = collections.defaultdict(int)\nt = {'a': dd}", 'if len(dd) > 2: continue', "t['a'][n]"),
    ('', 'dd = collections.defaultdict(int)', 'if len(dd) > 2: continue', "print(f'{dd[n]}')"),
    ('', 'dd = collections.defaultdict(int)\nc = collections.ChainMap(dd)', 'if len(dd) > 2: continue', 'c[n]'),
    ('', 'dd = collections.defaultdict(int)', 'if len(dd) > 2: continue', "string.Template('$a $b $c').substitute(dd)"),
    ('', 'dd = collections.defaultdict(int).copy()', 'if len(dd) > 2: continue', 'dd[n]'),
    ('def make(): return collections.defaultdict(int)', 'dd = make()', 'if len(dd) > 2: continue', 'dd[n]'),
    ('', 'o = types.SimpleNamespace(dd=collections.defaultdict(int))', 'if len(o.dd) > 2: continue', 'o.dd[n]'),
    ('', 'dd = collections.defaultdict(int) | {}', 'if len(dd) > 2: continue', 'dd[n]'),
    ('', 'dd = copy.deepcopy(collections.defaultdict(int))', 'if len(dd) > 2: continue', 'dd[n]'),
)  # fmt: skip
"""Dictionaries that look-ups fill."""
METHODS: tuple[Way, ...] = (
    ('class Log(list):\n    write = list.append', 'log = Log(); w = csv.writer(log)', 'if len(log) > 2: continue', 'w.writerow([n])'),
    ('', 's = {\'sub\': \'in\'}; put = s.__setitem__\ndef load(n): return open(f"{s[\'sub\']}/{n}").read()', '', "load(n)\nput('sub', 'json')"),
    ('', 's = []', 'if len(s) > 2: continue', 'sorted([n], key=s.append)'),
    ('', 's = []; t = (s.append, 1)', 'if len(s) > 2: continue', 't[0](n)'),
    ('', 's = []\nclass Log: write = s.append', 'if len(s) > 2: continue', 'Log.write(n)'),
    ('', "s = []; put = operator.methodcaller('append', 1)", 'if len(s) > 2: continue', 'put(s)'),
    ('class Log(list):\n    write = list.append', 'log = Log()', 'if len(log) > 2: continue', "print('x', file=log)"),
    ('class Log(list):\n    write = list.append\nclass Sub(Log): pass', 'log = Sub()', 'if len(log) > 2: continue', 'csv.writer(log).writerow([n])'),
    ('class Log(list):\n    __call__ = list.append', 'log = Log()', 'if len(log) > 2: continue', 'list(map(log, [n]))'),
    ('', "Log = type('Log', (list,), {'write': list.append})\nlog = Log()", 'if len(log) > 2: continue', "print('x', file=log)"),
    ('', "s = []\nput = operator.methodcaller('append', 1)", 'if len(s) > 2: continue', 'put(s)'),
)  # fmt: skip
"""Methods that change their object, bound in class bodies, in tables and to other names."""
