"""Commands that ask their user for something, unless an option gives the answer: `openssl req -new`, `ssh-keygen`, `npm init`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from par_lint.analysis.semantics.command_parts import UNKNOWN_WORD


class _Asks(NamedTuple):
    """When a command asks: `with_one_of` these options (empty: always), and `unless` one of these is there."""

    unless: str
    with_one_of: str = ""


_MESSAGE = r"-\w*[mF].*|--(message|file|logfile)(=.*)?|-l"
_ASKING = {
    "openssl req": _Asks("-subj|-batch|-config", "-new|-newkey|-x509"),
    "openssl ca": _Asks("-batch", "-in|-infiles"),
    "openssl genrsa": _Asks("-passout", "-des3?|-idea|-(aes|aria|camellia)\\d+"),
    "openssl pkcs12": _Asks("-passin|-passout|-password"),
    "ssh-keygen": _Asks("-[a-zA-Z]*[ABDFHKLMNQRYeiklsy][a-zA-Z]*"),
    "gpg": _Asks("--batch|--command-fd(=.*)?|--no-tty", "--((full-)?gen(erate)?|edit|sign)-key|--card-edit|--passwd"),
    "npm init": _Asks("-y|--yes|-f|--force"), "yarn init": _Asks("-y|--yes|-2|-p"), "poetry init": _Asks("-n|--no-interaction"),
    "git revert": _Asks("-n|--no-edit|--no-commit|--abort|--quit|--skip"),
    "git tag": _Asks(_MESSAGE, "-[as]|--annotate|--sign"), "git notes": _Asks(f"{_MESSAGE}|-[cC]|list|show|copy|remove|prune|merge", "add|append|edit"),
    "svn commit": _Asks(_MESSAGE), "svn ci": _Asks(_MESSAGE), "hg commit": _Asks(_MESSAGE), "hg ci": _Asks(_MESSAGE), "bzr commit": _Asks(_MESSAGE),
    "gh pr create": _Asks("-[tfw]|--(title|web)(=.*)?|--fill.*"), "gh issue create": _Asks("-[tw]|--(title|web)(=.*)?"),
    "gh release create": _Asks("-[nFt]|--(notes|title|generate-notes).*"),
    "htpasswd": _Asks(r"-\w*[biD]\w*"), "keytool": _Asks("-dname", "-genkey(pair)?"), "kinit": _Asks(r"-\w*[kR]\w*"),
    "dpkg-reconfigure": _Asks("-f.*|--frontend.*"), "chsh": _Asks("-s|--shell.*|-l"), "smbpasswd": _Asks(r"-\w*[sxden]"),
    "cryptsetup": _Asks("-d|-q|--key-file.*|--batch-mode", "luksFormat|luksOpen|luksAddKey|open"),
    "fdisk": _Asks(r"-[lsxvV].*|--(list|version).*"), "gdisk": _Asks("-l"), "cookiecutter": _Asks("--no-input"),
}  # fmt: skip
"""By the words that a command starts with."""
_FLAGS = re.compile(r"-(new|x509|export|[asqv])|--(annotate|sign|gen-key|(full-)?generate-key)")
"""Options without a value."""
_REMOTE_SHELLS = frozenset("gcloud az fly flyctl eb minikube vagrant docker-machine limactl colima gh".split())
_MOST_SUBCOMMANDS = 5


def asks_for_input(command: Sequence[str]) -> bool:
    """Return whether a command waits for what its user types, as far as its words are known."""
    for count in (3, 2, 1):
        asks = _ASKING.get(" ".join(command[:count])) if len(command) >= count else None
        if asks is not None:
            rest = command[count:]
            if _may_hold_options(rest) or any(re.fullmatch(asks.unless, word) for word in rest):
                return False
            return not asks.with_one_of or any(re.fullmatch(asks.with_one_of, word) for word in rest)
    return False


def is_shell_elsewhere(command: Sequence[str]) -> bool:
    """Return whether a command opens a shell on another machine, or runs something there: `gcloud compute ssh`."""
    return command[0] in _REMOTE_SHELLS and "ssh" in command[1:_MOST_SUBCOMMANDS + 1]


def _may_hold_options(words: Sequence[str]) -> bool:
    """Whether an unknown word may stand for options: it is no value of the option before it."""
    valued = ["", *(word if word.startswith("-") and _FLAGS.fullmatch(word) is None else "" for word in words)]
    return any(word == UNKNOWN_WORD and not before for before, word in zip(valued, words, strict=False))
