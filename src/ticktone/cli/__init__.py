"""The command line: one file a command, none with logic of its own."""


def main() -> None:
    """Run the command line."""
    from ticktone.cli.interruption import leave_at_once_when_interrupted

    leave_at_once_when_interrupted()  # before anything else is loaded, which takes a while
    from ticktone.cli.app import app

    app()
