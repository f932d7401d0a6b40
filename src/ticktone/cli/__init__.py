"""The command line: one file a command, none with logic of its own."""

from ticktone.cli.app import main

__all__ = ["main"]
