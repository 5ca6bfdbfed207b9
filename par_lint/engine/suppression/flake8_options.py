"""flake8's options, from its configuration and its own parsers, without loading the checkers of other plugins.

Loading them would take longer than checking many files, and their options and codes do not affect ours. Plugins of the group
`flake8.report` are loaded: they are formatters, or read flake8's configuration from other files.
"""

from __future__ import annotations

import argparse
import configparser
import contextlib
import io
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

import flake8
from flake8.main.options import register_default_options, stage1_arg_parser
from flake8.options import aggregator, config
from flake8.options.manager import OptionManager
from flake8.plugins import finder

from par_lint.core.config.rule_codes import UnknownCode, normalize_code_mapping, normalize_codes, split_list
from par_lint.core.files.read_errors import Problem

LISTS = ("select", "extend-select", "ignore", "extend-ignore")
"""The options that are lists of codes."""
_CAPITALS_ONLY = ("ignore", "extend-ignore")
_OURS = "par-lint"
_DECIDING = {"flake8_in_file_ignores"}
"""Checkers that are known to change what flake8 ignores."""


def parse_options(arguments: Sequence[str]) -> tuple[Any, argparse.Namespace]:
    """Return flake8's plugins and options. Raises Problem and flake8's own exceptions.

    Args:
        arguments: flake8's command-line options.
    """
    first = stage1_arg_parser()
    known, rest = first.parse_known_args(list(arguments))
    if known.output_file:
        rest.extend(("--output-file", known.output_file))
    flake8.configure_logging(known.verbose, known.output_file)
    found, folder = config.load_config(config=known.config, extra=known.append_config, isolated=known.isolated)
    _check_codes(found, known.config)
    plugins = _load_plugins(found, folder, known)
    manager = _make_manager(plugins)
    options = _aggregate(manager, plugins, found, folder, rest, known.config)
    _pass_options(plugins, manager, options)
    return plugins, options


def _make_manager(plugins: Any) -> OptionManager:
    manager = OptionManager(
        version=flake8.__version__, plugin_versions=plugins.versions_str(), parents=[stage1_arg_parser()], formatter_names=list(plugins.reporters)
    )
    register_default_options(manager)
    manager.register_plugins(plugins)
    if not any(loaded.plugin.package == _OURS for loaded in plugins.all_plugins()):  # run from its folder, or out of an archive
        manager.extend_default_select(["PRL"])
    return manager


def _check_codes(found: Any, named: str | None) -> None:
    """Raise Problem for a misspelled par-lint code in a configuration, or one in a case that flake8 does not read."""
    for key, value in found["flake8"].items() if "flake8" in found else ():
        name = key.replace("_", "-")
        try:
            if name == "per-file-ignores":
                normalize_code_mapping(value)
            chosen = split_list(value) if name in LISTS else []
            for word, code in zip(chosen, normalize_codes(chosen), strict=True):
                if word != code and name in _CAPITALS_ONLY:
                    raise Problem(f"{config_file(named)}: [flake8] {key}: {word}: flake8 requires upper case here; write {code}")
        except UnknownCode as error:
            raise Problem(f"{config_file(named)}: [flake8] {key}: {error}") from None


def config_file(named: str | None) -> str:
    """Return the path of flake8's configuration, for messages; `named` is the value of --config."""
    return os.path.relpath(named or config._find_config_file(os.path.abspath(".")) or "flake8's configuration")


def explain_unknown(error: UnknownCode) -> str:
    """Return the message for an unknown code in flake8's options, with its place in the configuration."""
    found, _ = config.load_config(None, [])
    table = found["flake8"] if "flake8" in found else {}
    for key, value in table.items():
        if key.replace("_", "-") in (*LISTS, "per-file-ignores") and error.word in value:
            return f"{config_file(None)}: [flake8] {key}: {error}"
    return f"flake8's options: {error}"


def _aggregate(manager: OptionManager, plugins: Any, found: Any, folder: str, rest: Sequence[str], named: str | None) -> argparse.Namespace:
    """Return the options of a configuration and the command line. Raises Problem for a value that flake8 cannot read, with its key."""
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told):
            options: argparse.Namespace = aggregator.aggregate_options(manager, found, folder, rest)
    except (ValueError, SystemExit) as error:
        key = next((key for key in (found["flake8"] if "flake8" in found else ()) if not _is_readable(plugins, key, found["flake8"][key], folder)), None)
        if key is None:
            sys.stderr.write(told.getvalue())
            raise
        raise Problem(f"{config_file(named)}: [flake8] {key}: {_plainly(error, told.getvalue(), found['flake8'][key])}") from None
    sys.stderr.write(told.getvalue())
    return options


def _is_readable(plugins: Any, key: str, value: str, folder: str) -> bool:
    """Return whether flake8 can read one value by itself. Its errors name no key, and another value may be like the wrong one."""
    alone = configparser.RawConfigParser()
    alone.read_dict({"flake8": {key: value}})
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            aggregator.aggregate_options(_make_manager(plugins), alone, folder, [])
    except (ValueError, SystemExit):
        return False
    return True


def _plainly(error: BaseException, told: str, value: str) -> str:
    """Return what is wrong with a value, from the error of flake8's parsers or what they told on standard error."""
    text = " ".join(str(error).split()) if isinstance(error, ValueError) else re.sub(r"^argument \S+: ", "", told.strip().rpartition("error: ")[2])
    shown = repr(" ".join(value.split()))
    if text.startswith("invalid literal for int"):
        return f"must be a whole number, not {shown}"
    return f"must be true or false, not {shown}" if text.startswith("Not a boolean") else f"{text.rstrip('.')}; correct it"


def explain_mapping(named: str | None) -> str | None:
    """Return what is wrong with `per-file-ignores` in the configuration, if it is not a mapping; None if the configuration has no such key."""
    found, _ = config.load_config(named, [])
    for key, value in found["flake8"].items() if "flake8" in found else ():
        if key.replace("_", "-") == "per-file-ignores":
            return f"{config_file(named)}: [flake8] {key}: must name files and codes, such as tests/*:PRL101, not {' '.join(value.split())!r}"
    return None


def _load_plugins(found: Any, folder: str, known: argparse.Namespace) -> Any:
    wanted = finder.parse_plugin_options(found, folder, enable_extensions=known.enable_extensions, require_plugins=known.require_plugins)
    return finder.load_plugins([plugin for plugin in finder.find_plugins(found, wanted) if _is_needed(plugin)], wanted)


def _is_needed(plugin: Any) -> bool:
    return plugin.entry_point.group == "flake8.report" or plugin.package == _OURS or plugin.package.replace("-", "_") in _DECIDING


def _pass_options(plugins: Any, manager: OptionManager, options: argparse.Namespace) -> None:
    for loaded in plugins.all_plugins():
        parse = getattr(loaded.obj, "parse_options", None)
        if parse is None:
            continue
        try:  # flake8 supports two signatures
            parse(manager, options, options.filenames)
        except TypeError:
            parse(options)
