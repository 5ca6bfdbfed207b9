"""Files in the standard library. Reading and writing whole files is work; reading names, sizes and dates is cheap.

Source: the documentation of io, os, pathlib, shutil, glob, json, pickle, csv, tarfile, zipfile and others.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Family, Kind, Sharing, Trait, Types

FAMILY = Family(
    entries=(
        Calls(Kind.FILE, Effect.READ, """
            pathlib.Path.{read_text read_bytes} io.File.{read readlines readinto read1}
            json.load pickle.load marshal.load plistlib.load tomllib.load tomli.load csv.{reader DictReader}
            configparser.ConfigParser.{read read_file} configparser.RawConfigParser.{read read_file}
            xml.etree.ElementTree.{parse iterparse} xml.dom.minidom.parse xml.sax.parse
            hashlib.file_digest filecmp.cmp mimetypes.read_mime_types netrc.netrc
            runpy.run_path tokenize.open fileinput.input importlib.resources.{read_text read_binary}
            wave.open
            tarfile.TarFile.{extractfile} zipfile.ZipFile.{read}
        """),
        Calls(Kind.FILE, Effect.WRITE, """
            pathlib.Path.{write_text write_bytes copy copy_into} io.File.{write writelines truncate}
            shutil.{copy copy2 copyfile copytree copyfileobj rmtree make_archive unpack_archive}
            json.dump pickle.dump marshal.dump plistlib.dump os.{copy_file_range sendfile fsync}
            configparser.ConfigParser.write configparser.RawConfigParser.write
            tarfile.TarFile.{add extract extractall addfile} zipfile.ZipFile.{write writestr extract extractall}
            py_compile.compile compileall.{compile_dir compile_file}
            xml.etree.ElementTree.ElementTree.write
        """),
        Calls(Kind.METADATA, Effect.READ, """
            open io.open os.{fdopen open stat lstat access readlink getcwd getxattr listxattr statvfs pathconf}
            os.path.{exists lexists isfile isdir islink ismount getsize getmtime getatime getctime samefile realpath}
            pathlib.Path.{exists is_file is_dir is_symlink is_mount stat lstat owner group open resolve readlink samefile expanduser absolute}
            pathlib.Path.{cwd home} gzip.open bz2.open lzma.open codecs.open tarfile.{open TarFile} zipfile.ZipFile
            zipfile.is_zipfile tarfile.is_tarfile imghdr.what sndhdr.what
            shutil.{which disk_usage} io.File.{readline close seek tell flush fileno readable writable seekable} tempfile.gettempdir
            tarfile.TarFile.{getmembers getnames getmember close} zipfile.ZipFile.{namelist infolist getinfo open close}
            importlib.metadata.{version metadata requires files} os.DirEntry.{is_file is_dir is_symlink stat} os.get_terminal_size
        """),
        Calls(Kind.METADATA, Effect.WRITE, """
            os.{mkdir makedirs remove unlink rmdir removedirs rename renames replace symlink link chmod chown lchown utime truncate mkfifo mknod
                setxattr removexattr write pwrite writev pwritev ftruncate posix_fallocate fchmod fchown}
            pathlib.Path.{mkdir unlink rmdir rename replace touch chmod lchmod symlink_to hardlink_to link_to move move_into}
            shutil.{move copymode copystat chown} fcntl.{flock lockf} msvcrt.locking os.lockf filelock.{FileLock SoftFileLock UnixFileLock}
            portalocker.{lock Lock} fasteners.InterProcessLock zc.lockfile.LockFile tempfile.{mkdtemp mkstemp TemporaryDirectory NamedTemporaryFile TemporaryFile SpooledTemporaryFile}
        """),
        Calls(Kind.LISTING, Effect.READ, """
            glob.{glob iglob} os.{listdir scandir walk fwalk} pathlib.Path.{glob rglob iterdir walk} importlib.resources.contents
            pkgutil.{walk_packages iter_modules}
        """),
        Calls(Kind.METADATA, Effect.GLOBAL, """
            os.{chdir fchdir putenv unsetenv umask chroot setuid setgid seteuid setegid nice} os.environ.{update setdefault pop clear popitem __setitem__ __delitem__ __ior__}
            signal.{signal alarm setitimer} locale.setlocale socket.setdefaulttimeout random.seed time.tzset sys.{setrecursionlimit settrace}
            site.addsitedir contextlib.{chdir redirect_stdout redirect_stderr}
            csv.{register_dialect unregister_dialect field_size_limit} sys.{set_int_max_str_digits setprofile} threading.{stack_size settrace setprofile}
            mimetypes.{add_type init} xml.etree.ElementTree.register_namespace codecs.{register unregister register_error} copyreg.{pickle add_extension}
            re.purge linecache.clearcache resource.setrlimit
            warnings.{catch_warnings simplefilter filterwarnings resetwarnings} unittest.mock.patch unittest.mock.patch.{dict object multiple}
            decimal.setcontext os.{setpgrp setsid setregid setreuid setresuid setresgid setgroups environb.update environb.setdefault environb.pop}
        """),
    ),
    types=(
        Types(Sharing.SAFE, "pathlib.Path pathlib.PurePath os.DirEntry"),
        Types(Sharing.STATEFUL, "io.File tarfile.TarFile zipfile.ZipFile configparser.ConfigParser configparser.RawConfigParser"),
    ),
    returns={
        **dict.fromkeys(("open", "io.open", "os.fdopen", "pathlib.Path.open", "gzip.open", "bz2.open", "lzma.open", "codecs.open",
                         "tarfile.TarFile.extractfile", "zipfile.ZipFile.open", "tempfile.NamedTemporaryFile", "tempfile.TemporaryFile",
                         "tokenize.open"), "io.File"),
        "io.File.[]": "str",
        "tarfile.open": "tarfile.TarFile",
        **{f"pathlib.Path.{step}": "pathlib.Path" for step in (
            "parent", "resolve", "absolute", "expanduser", "joinpath", "with_suffix", "with_name", "with_stem", "relative_to", "/", "rename",
            "replace", "readlink", "cwd", "home")},
        **{f"pathlib.Path.{name}": "iter[pathlib.Path]" for name in ("glob", "rglob", "iterdir", "parents")},
        **{f"pathlib.Path.{name}": "str" for name in ("name", "stem", "suffix", "read_text", "as_posix")},
        "os.scandir": "iter[os.DirEntry]",
        "glob.glob": "iter[str]", "glob.iglob": "iter[str]", "os.listdir": "iter[str]",
    },
    targets={
        **dict.fromkeys(("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move", "shutil.copymode", "shutil.copystat"), (1, "dst")),
        "shutil.unpack_archive": (1, "extract_dir"), "shutil.make_archive": (0, "base_name"),
        "tarfile.TarFile.extractall": (0, "path"), "zipfile.ZipFile.extractall": (0, "path"),
        "tarfile.TarFile.extract": (1, "path"), "zipfile.ZipFile.extract": (1, "path"),
        "pathlib.Path.copy": (0, "target"), "pathlib.Path.copy_into": (0, "target_dir"),
    },
    traits={
        Trait.INTO_FOLDER: "shutil.{copy copy2 move} pathlib.Path.{copy copy_into}",
        Trait.FILLS_FOLDER: "shutil.{copytree unpack_archive} tarfile.TarFile.{extract extractall} zipfile.ZipFile.{extract extractall}",
        Trait.LOCKS: """
            fcntl.{flock lockf} msvcrt.locking os.lockf filelock.{FileLock SoftFileLock UnixFileLock} portalocker.{lock Lock} fasteners.InterProcessLock
            zc.lockfile.LockFile
        """,
        Trait.MAPS_FILE: "mmap.mmap",
        Trait.RUNS_MODULES: """
            runpy.{run_path run_module} pkgutil.{walk_packages get_data resolve_name}
            importlib.resources.{read_text read_binary contents open_text open_binary path is_resource}
        """,
    },
    aliases={"pathlib.PosixPath": "pathlib.Path", "pathlib.WindowsPath": "pathlib.Path", "io.TextIOWrapper": "io.File", "io.BufferedReader": "io.File",
             "typing.TextIO": "io.File", "typing.BinaryIO": "io.File", "typing.IO": "io.File", "builtins.open": "open"},
)  # fmt: skip
