"""Subprocesses of the standard library, and their timeout parameters.

Source: the documentation of subprocess, os and asyncio.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Entry, Family, Kind, Sharing, Timeout, Types

_EXPIRED = "subprocess.TimeoutExpired"

FAMILY = Family(
    entries=(
        Calls(Kind.SUBPROCESS, Effect.WRITE, "subprocess.{run call check_call check_output}", Timeout(raises=_EXPIRED)),
        Entry("subprocess.Popen.communicate", Kind.SUBPROCESS, Effect.WRITE, Timeout(position=1, raises=_EXPIRED)),
        Entry("subprocess.Popen.wait", Kind.SUBPROCESS, Effect.WRITE, Timeout(position=0, raises=_EXPIRED)),
        Calls(Kind.SUBPROCESS, Effect.WRITE, """
            os.{system popen} subprocess.{getoutput getstatusoutput}
        """),
        Calls(Kind.METADATA, Effect.WRITE, """
            subprocess.Popen subprocess.Popen.{poll kill terminate send_signal} os.{kill killpg fork posix_spawn waitpid}
            os.{spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe} pty.spawn
            asyncio.{create_subprocess_exec create_subprocess_shell}
        """),
        Calls(Kind.METADATA, Effect.GLOBAL, "os.{execl execle execlp execlpe execv execve execvp execvpe _exit abort}"),
    ),
    types=(Types(Sharing.STATEFUL, "subprocess.Popen"),),
    caught_by={_EXPIRED: "SubprocessError"},
    related_errors={_EXPIRED: "CalledProcessError FileNotFoundError OSError IOError EnvironmentError"},
)
