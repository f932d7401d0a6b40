"""What Ctrl-C does: it ends the process at once until there is something to clean up."""

import os
import signal


def _leave(signum: int, _: object) -> None:
    os._exit(128 + signum)


def leave_at_once_when_interrupted() -> None:
    """Make Ctrl-C end the process while nothing is written yet.

    An exception would do harm then: amid an import it may be swallowed, and the run go on.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def clean_up_when_interrupted() -> None:
    """Make Ctrl-C raise an exception from here on."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
