"""Calls that compute, log, sleep or inspect. Only `sleep` waits.

Source: the documentation of each module. CPU holds the GIL; NATIVE releases it on large inputs.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Family, Kind, Sharing, Trait, Types

FAMILY = Family(
    entries=(
        Calls(Kind.CPU, Effect.NONE, """
            json.{loads dumps} pickle.{loads dumps} marshal.{loads dumps} plistlib.{loads dumps} tomllib.loads tomli.loads
            ast.{parse literal_eval unparse dump walk} copy.{copy deepcopy} difflib.{unified_diff ndiff context_diff get_close_matches SequenceMatcher}
            xml.etree.ElementTree.{fromstring tostring XML} xml.dom.minidom.parseString
            statistics.{mean median stdev variance mode quantiles} math.{factorial comb perm isqrt gcd lcm}
            itertools.{permutations combinations product combinations_with_replacement} fractions.Fraction decimal.Decimal
            textwrap.{wrap fill dedent indent} string.Template.substitute heapq.{merge nlargest nsmallest}
            tokenize.{tokenize generate_tokens} compile bisect.{bisect bisect_left bisect_right} secrets.token_bytes
            markdown.markdown bs4.BeautifulSoup jinja2.Template.render sqlparse.parse black.format_str libcst.parse_module
        """),
        Calls(Kind.CPU, Effect.WRITE, """
            html.parser.HTMLParser.feed random.{shuffle sample choices choice random randint uniform randrange} heapq.{heapify heappush heappop heapreplace heappushpop}
            bisect.{insort insort_left insort_right}
            uuid.uuid1
        """),  # uuid1 reads a clock and counts
        Calls(Kind.NATIVE, Effect.NONE, """
            hashlib.{md5 sha1 sha224 sha256 sha384 sha512 sha3_256 blake2b blake2s new pbkdf2_hmac scrypt} hmac.{new digest}
            zlib.{compress decompress crc32 adler32} gzip.{compress decompress} bz2.{compress decompress} lzma.{compress decompress}
            numpy.{array zeros ones dot matmul sum mean sort argsort concatenate stack einsum fft.fft linalg.inv linalg.svd linalg.eig linalg.norm}
            bcrypt.{hashpw checkpw} sqlite3.complete_statement
        """),
        Calls(Kind.SLEEP, Effect.NONE, "time.sleep asyncio.sleep trio.sleep anyio.sleep gevent.sleep eventlet.sleep"),
        Calls(Kind.LOG, Effect.NONE, """
            logging.{debug info warning warn error exception critical log} logging.Logger.{debug info warning warn error exception critical log}
            logging.LoggerAdapter.{debug info warning error exception critical log}
        """),
        Calls(Kind.CPU, Effect.WRITE, "warnings.{warn warn_explicit}"),  # shown once for each location, which is where it is called

        Calls(Kind.PURE, Effect.NONE, """
            os.path.{join basename dirname splitext split abspath normpath relpath commonpath commonprefix isabs expanduser expandvars normcase}
            os.{fspath fsencode fsdecode getpid cpu_count getenv environ.get}
            pathlib.{Path PurePath PurePosixPath PureWindowsPath} pathlib.Path.{joinpath with_suffix with_name with_stem relative_to is_relative_to as_posix match
                is_absolute as_uri full_match}
            re.{compile match search fullmatch findall finditer sub subn split escape} fnmatch.{fnmatch fnmatchcase filter translate}
            re.Pattern.{match search fullmatch findall finditer sub subn split} re.Match.{group groups groupdict start end span}
            urllib.parse.{urljoin urlparse urlsplit quote quote_plus unquote urlencode urlunparse urlunsplit parse_qs parse_qsl}
            base64.{b64encode b64decode urlsafe_b64encode urlsafe_b64decode b32encode} binascii.{hexlify unhexlify} struct.{pack unpack unpack_from calcsize}
            collections.{Counter OrderedDict defaultdict deque namedtuple} functools.{partial reduce} operator.{itemgetter attrgetter}
            itertools.{chain islice groupby count repeat zip_longest accumulate} itertools.chain.from_iterable
            datetime.datetime.{fromisoformat fromtimestamp strptime strftime} datetime.timedelta logging.{getLogger Logger.isEnabledFor}
            shlex.{quote split join} html.{escape unescape} math.{ceil floor sqrt log exp sin cos} io.{StringIO BytesIO} string.Template
            typing.cast textwrap.shorten mimetypes.guess_type types.SimpleNamespace dataclasses.{replace asdict astuple} enum.Enum
            hashlib.algorithms_available keyword.iskeyword unicodedata.normalize sys.exit uuid.{uuid3 uuid4 uuid5 UUID}
        """),
    ),
    types=(Types(Sharing.SAFE, "logging.Logger logging.LoggerAdapter re.Pattern"),),
    returns={"logging.getLogger": "logging.Logger", "re.compile": "re.Pattern", "re.match": "re.Match", "re.search": "re.Match",
             "numpy.random.default_rng": "numpy.random.Generator", "torch.Generator.manual_seed": "torch.Generator",
             "os.path.join": "str", "os.path.basename": "str", "os.path.dirname": "str", "os.path.abspath": "str"},
    aliases={"loguru.logger.info": "logging.info", "loguru.logger.warning": "logging.warning", "loguru.logger.error": "logging.error",
             "loguru.logger.debug": "logging.debug"},
    traits={
        Trait.WRITES_NO_FILES: """
            click.style tqdm.** rich.** colorama.** termcolor.** tabulate.** pydantic.** attr.** attrs.** typing_extensions.** pytest.**
            orjson.** ujson.{loads dumps} simplejson.{loads dumps} rapidjson.{loads dumps} msgspec.** toml.{loads dumps} tomlkit.{parse dumps}
            xmltodict.{parse unparse} mistune.** markdown.markdown dateutil.** humanize.** bs4.** lxml.etree.{fromstring tostring XML HTML} lxml.html.{fromstring tostring}
        """,
        Trait.KEEPS_ARGUMENTS: "tqdm.** rich.** click.** pytest.**",
        Trait.CACHED_PROPERTY: "functools.cached_property django.utils.functional.cached_property",
        Trait.PLAIN_BASE: "typing_extensions.Protocol pydantic.BaseModel msgspec.Struct",
        Trait.RANDOM_GENERATOR: "random.Random numpy.random.{Generator RandomState} torch.Generator",
        Trait.THREAD_STATE: "decimal.{getcontext setcontext localcontext}",
        Trait.RUNS_CODE: """
            codecs.{register register_error} sys.addaudithook gc.callbacks weakref.finalize atexit._run_exitfuncs
            logging.{setLogRecordFactory setLoggerClass lastResort} warnings.showwarning sched.scheduler
        """,
        Trait.RECORDS_CALLS: """
            sys.{setprofile settrace setprofile_all_threads settrace_all_threads monitoring call_tracing}
            threading.{setprofile settrace setprofile_all_threads settrace_all_threads monitoring call_tracing}
            cProfile.** profile.** _lsprof.** trace.** bdb.** hotshot.** coverage.** line_profiler.** memory_profiler.** pyinstrument.** yappi.** viztracer.**
            scalene.** hunter.** snoop.** pysnooper.**
        """,
        Trait.SEES_MEMORY: "sys.{getallocatedblocks _debugmallocstats getrefcount} tracemalloc.** objgraph.** pympler.** guppy.** memray.**",
        Trait.SEES_THREADS: """
            threading.{active_count activeCount enumerate _active _dangling} sys.{_current_frames _current_exceptions} psutil.Process resource.getrusage
        """,
        Trait.PRINTS_THREADS: "faulthandler.{dump_traceback dump_traceback_later}",
        Trait.SETS_THREAD_LIMITS: "resource.{setrlimit prlimit} sys.setrecursionlimit threading.stack_size",
        Trait.BLOCKS_SIGNALS: "signal.{pthread_sigmask sigwait sigwaitinfo sigtimedwait}",
        Trait.SHARES_DESCRIPTOR: "os.{dup dup2 pipe memfd_create}",
        Trait.STANDS_FOR_ANYTHING: "unittest.mock.{Mock MagicMock AsyncMock create_autospec}",
        Trait.ASKS_USER: """
            input getpass.getpass click.{prompt confirm echo_via_pager edit pause} typer.{prompt confirm}
            rich.prompt.Prompt.ask rich.prompt.Confirm.ask pydoc.pager
        """,
    },
)  # fmt: skip
