"""The reference of the command line, made of the commands."""

import inspect
import re
from typing import Any

import typer

from ticktone.cli.commands import app


def commands_page() -> str:
    """Write every command with its usage, its arguments and its options."""
    root = typer.main.get_command(app)
    context = root.make_context("ticktone", [], resilient_parsing=True)
    intro = (
        "`ticktone COMMAND --help` says the same on the command line. Options that a method has "
        "of its own are given as `-O NAME=VALUE`; they stand under [Methods and phases]"
        "(api-methods.md)."
    )
    return "\n".join(["# Commands", "", intro, "", *_commands(root, context)])


def _commands(group: Any, context: Any) -> list[str]:
    lines = []
    for name, command in group.commands.items():
        inner = type(context)(command, info_name=name, parent=context)
        if hasattr(command, "commands"):
            lines += _commands(command, inner)
        else:
            lines += _command(command, inner)
    return lines


def _command(command: Any, context: Any) -> list[str]:
    usage = command.get_usage(context).removeprefix("Usage: ")
    usage = re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), usage)
    lines = [
        f"## {context.command_path}",
        "",
        inspect.cleandoc(command.help or ""),
        "",
        "```text",
        " ".join(usage.split()),
        "```",
        "",
        "| option | default | |",
        "|---|---|---|",
    ]
    return [*lines, *(_row(parameter) for parameter in command.get_params(context)), ""]


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        names = f"`{parameter.name.upper()}`" + ("..." if parameter.nargs == -1 else "")
    else:
        names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    words = " ".join((getattr(parameter, "help", None) or "").split())
    if choices := getattr(getattr(parameter, "type", None), "choices", None):
        words += f" One of {', '.join(map(str, choices))}."
    return f"| {names} | {_default(parameter)} | {_escaped(words)} |"


def _default(parameter: Any) -> str:
    shown, value = getattr(parameter, "show_default", None), parameter.default
    if parameter.required:
        return "must be given"
    if isinstance(shown, str):
        return _escaped(shown)
    if value is None or callable(value) or value == () or getattr(parameter, "is_eager", False):
        return ""
    if getattr(parameter, "is_flag", False):
        if not parameter.secondary_opts:
            return ""
        names = parameter.opts if value else parameter.secondary_opts
        return f"`{names[0]}`"
    return f"`{value}`"


def _escaped(words: str) -> str:
    for character in "|<[":
        words = words.replace(character, f"\\{character}")
    return words
