"""How much the server takes on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much the server takes on, and for how long it keeps it.

    Parameters
    ----------
    upload : int
        Bytes of a recording, as a file.
    duration : float
        Seconds of a recording.
    jobs : int
        Recordings separated at a time.
    threads : int
        To each.
    queue : int
        Recordings that may wait beside those.
    kept : int
        Finished recordings kept; the one that was used longest ago goes first.
    keep : float
        Seconds for which a finished recording is kept after it was last used.
    """

    upload: int = 1_000_000_000
    duration: float = 20 * 60
    jobs: int = 1
    threads: int = 1
    queue: int = 20
    kept: int = 20
    keep: float = 60 * 60
