"""The result of processing one file."""

from dataclasses import dataclass, field

from ticktone._version import package_version
from ticktone.storage.location import Location


@dataclass
class FileResult:
    """Result of processing one file.

    Attributes
    ----------
    source : str
        Path or URI of the recording.
    outputs : dict
        Path or URI of each part.
    status : str
        "done", "skipped" or "failed".
    error : str or None
        One line, where it failed.
    method : str
    version : str
        Ticktone's.
    sample_rate : int
        Hz.
    channels : int
    duration : float
        Seconds of the recording.
    elapsed : float
        Seconds it took.
    overs : dict
        For each part, the PCM samples that exceeded full scale and were limited to it.
    peaks : dict
        For each part, its largest magnitude; 1 is full scale.
    notes : list of str
        What is worth knowing about it, a line each: that a format changed, for one.

    Examples
    --------
    >>> import ticktone
    >>> results = list(ticktone.separate_files(["music/"], "parts/"))  # doctest: +SKIP
    >>> [result.error for result in results if result.status == "failed"]  # doctest: +SKIP
    ['music/b.flac: holds no sound']
    """

    source: str
    outputs: dict[str, str] = field(default_factory=dict)
    status: str = "done"
    error: str | None = None
    method: str = ""
    version: str = field(default_factory=package_version)
    sample_rate: int = 0
    channels: int = 0
    duration: float = 0.0
    elapsed: float = 0.0
    overs: dict[str, int] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def failure(source: Location, error: Exception | str) -> FileResult:
    """Return the result of a file that failed, with the reason in one line."""
    return FileResult(str(source), status="failed", error=str(error).replace("\n", "\\n"))
