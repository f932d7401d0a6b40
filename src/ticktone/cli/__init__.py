"""The command line: one file a command, none with logic of its own."""

from ticktone.cli.interruption import leave_at_once_when_interrupted


def main() -> None:
    """Run the command line."""
    leave_at_once_when_interrupted()  # before anything else is loaded, which takes a while
    from ticktone.cli.output import be_robust, guarded

    be_robust()
    with guarded():
        from ticktone.cli.commands import app

        app()
