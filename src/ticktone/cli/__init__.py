"""The command line: one file a command, none with logic of its own."""

from ticktone.cli.interruption import leave_at_once_when_interrupted


def main() -> None:
    """Run the command line."""
    leave_at_once_when_interrupted()  # before anything else is loaded, which takes a while
<<<<<<< HEAD
    from ticktone.cli.output import be_robust, guarded
=======
    from ticktone.cli.commands import app
>>>>>>> b59827c392deecce7215e834c7c9218328466025

    be_robust()
    with guarded():
        from ticktone.cli.app import app

        app()
