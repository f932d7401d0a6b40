"""Many files, folders and archives: what the command line, Ray and the examples call."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from os import PathLike, fsdecode
from typing import Any

import numpy as np

from ticktone.archive.discover import find_tasks
from ticktone.archive.job import Job, Run, Task
from ticktone.archive.local import OnProgress, run_tasks
from ticktone.archive.remixing import RemixSettings
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.archive.time_range import TimeRange
from ticktone.errors import TicktoneError, unknown
from ticktone.methods import DEFAULT
from ticktone.options import check_value
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.stft import REFERENCE_RATE
from ticktone.storage.location import location
from ticktone.stretch.stretcher import StretchSettings

ENGINES = ("processes", "ray")

StrPath = str | PathLike[str]


class FileResults(Iterator[FileResult]):
    """The results of many files, in order of completion. Files are processed while it is read.

    Attributes
    ----------
    total : int
        How many files there are.
    notes : list of str
        What was passed over in folders, a line for each.
    """

    def __init__(
        self, total: int, results: Iterator[FileResult], notes: Sequence[str] = ()
    ) -> None:
        self.total, self._results, self.notes = total, results, list(notes)

    def __next__(self) -> FileResult:
        return next(self._results)

    def close(self) -> None:
        """Stop early; what is half done is cleaned up. Does nothing at the end."""
        if isinstance(self._results, Generator):
            self._results.close()


def separate_files(
    paths: StrPath | Iterable[StrPath],
    output: StrPath | None = None,
    method: str = DEFAULT,
    *,
    options: Mapping[str, Any] | None = None,
    phase: str = DEFAULT_PHASE,
    complement: bool = True,
    only: str | None = None,
    format: str = "same",
    subtype: str | None = None,
    float_: bool = False,
    existing: str = "refuse",
    tags: bool = True,
    bitrate: float | None = None,
    stem_mp4: bool = False,
    start: float = 0.0,
    end: float | None = None,
    jobs: int | None = None,
    threads: int = 1,
    manifest: StrPath | None = None,
    engine: str = "processes",
    address: str | None = None,
    progress: OnProgress | None = None,
) -> FileResults:
    """Split many sound files, each into `NAME.harmonic.EXT` and `NAME.percussive.EXT`.

    Parameters
    ----------
    paths : path-like or iterable of path-like
        Sound files and folders of them, as paths or URIs (``s3://bucket/folder``).
    output : path-like, optional
        Folder of the parts, or its URI. The tree of each folder in `paths` is mirrored there, and
        the whole path of each file that is named by a URI. Default: beside each file.
    method : str
    options : mapping, optional
        The method's.
    phase : str
        One of `ticktone.phase.phases()`.
    complement : bool
        Whether the parts sum to each file; see `ticktone.Separator`.
    only : str, optional
        Write this part alone.
    format, subtype, float_
        As `ticktone.audio.formats.output_format`. Default: as each file.
    existing : {"refuse", "overwrite", "skip"}
        What to do where a part is there already, from before the manifest was begun if there is
        one.
    tags : bool
        Keep tags, pictures, loops, markers and the like, as far as the format holds them; the part
        is named in the title.
    bitrate : float, optional
        kbit/s of MP3 and OGG, and of each track of stem files. Default: no fewer than each file's.
    stem_mp4 : bool
        Write `NAME.stem.mp4` in place of the parts: the recording and its parts in one file, for
        Traktor, Mixxx and others. It takes the program ffmpeg. `subtype` may be "ALAC", which
        loses nothing, in place of AAC.
    start, end : float, optional
        Seconds: of each file, this stretch alone; see `separate_file`.
    jobs : int, optional
        Files at a time. Default: one; on Ray, as many as the cluster has CPUs for.
    threads : int
        To each file.
    manifest : path-like, optional
        Folder, or its URI, where the result of each file is written down in Parquet: what is there
        as finished is passed over. Default: none; on Ray, ``OUTPUT/manifest.parquet``.
    engine : {"processes", "ray"}
        Processes of this computer, or a Ray cluster.
    address : str, optional
        The Ray cluster's. Default: the one that Ray finds, or one of this computer's own.
    progress : callable, optional
        Called with a file and the fraction of it that is done; not on Ray.

    Returns
    -------
    FileResults
        An iterator of `FileResult`. A file that fails is a result like any other.

    Raises
    ------
    TicktoneError
        If an option is unknown, the manifest is another job's, or a library is missing.

    Examples
    --------
    >>> import ticktone
    >>> for result in ticktone.separate_files(["music/"], "parts/", jobs=4):  # doctest: +SKIP
    ...     print(result.source, result.status, result.error)
    """
    folder = None if output is None else location(output)
    target = Target(
        *(folder, format, subtype, float_, existing),
        tags=tags,
        bitrate=bitrate,
        stem_mp4=stem_mp4,
    )
    job = Job(
        *(target, method, dict(options or {}), phase, threads, only),
        complement=complement,
        excerpt=TimeRange(start, end),
    )
    return process_files(job, paths, jobs, manifest, engine, address, progress)


def remix_files(
    paths: StrPath | Iterable[StrPath],
    gains: Mapping[str, float],
    output: StrPath | None = None,
    method: str | None = None,
    *,
    name: str | None = None,
    normalise: bool = False,
    options: Mapping[str, Any] | None = None,
    phase: str | None = None,
    format: str = "same",
    subtype: str | None = None,
    float_: bool = False,
    existing: str = "refuse",
    tags: bool = True,
    bitrate: float | None = None,
    jobs: int | None = None,
    threads: int = 1,
    progress: OnProgress | None = None,
) -> FileResults:
    """Mix the parts of many sound files at other levels, as `NAME.remix.EXT`.

    The parts may lie there already, beside the file or in `output`: where their sum is the file,
    to a rounding, they are used. Where they are not, or a method, option or phase is asked for, it
    is separated.

    Parameters
    ----------
    paths : path-like or iterable of path-like
    gains : mapping of str to float
        In dB, by part, 40 at most; minus infinity leaves a part out. A part not named keeps its
        level.
    output, method, options, phase, format, subtype, float_, existing, tags, bitrate, jobs, threads
    progress
        As `separate_files`.
    name : str, optional
        Of this remix among several: it becomes `NAME.name.remix.EXT`.
    normalise : bool
        Give each remix the one gain by which its peak is 0.1 dB below full scale.

    Returns
    -------
    FileResults

    Raises
    ------
    TicktoneError
        As `separate_files`, or if a gain is out of range or of no part, nothing would be heard, or
        `name` cannot be part of a file's.

    Examples
    --------
    >>> import ticktone
    >>> softer = {"percussive": -12.0}
    >>> for result in ticktone.remix_files(["music/"], softer, "remixes/"):  # doctest: +SKIP
    ...     print(result.source, result.status)
    """
    folder = None if output is None else location(output)
    target = Target(
        *(folder, format, subtype, float_, existing),
        tags=tags,
        bitrate=bitrate,
        remix_name=name,
    )
    asks = method is not None or bool(options) or phase is not None
    remix = RemixSettings(dict(gains), normalise, use_found=not asks)
    how = (method or DEFAULT, dict(options or {}), phase or DEFAULT_PHASE)
    job = Job(target, *how, threads, remix=remix)
    return process_files(job, paths, jobs, progress=progress)


def stretch_files(
    paths: StrPath | Iterable[StrPath],
    settings: StretchSettings,
    output: StrPath | None = None,
    method: str = DEFAULT,
    *,
    options: Mapping[str, Any] | None = None,
    phase: str = DEFAULT_PHASE,
    format: str = "same",
    subtype: str | None = None,
    float_: bool = False,
    existing: str = "refuse",
    tags: bool = True,
    bitrate: float | None = None,
    jobs: int | None = None,
    threads: int = 1,
    progress: OnProgress | None = None,
) -> FileResults:
    """Write many sound files at another speed or pitch, as `NAME.stretch.EXT`.

    Parameters
    ----------
    paths : path-like or iterable of path-like
    settings : StretchSettings
        See `ticktone.stretch.stretcher`.
    output, method, options, phase, format, subtype, float_, existing, tags, bitrate, jobs, threads
    progress
        As `separate_files`.

    Returns
    -------
    FileResults

    Raises
    ------
    TicktoneError
        As `separate_files`.
    """
    folder = None if output is None else location(output)
    target = Target(folder, format, subtype, float_, existing, tags=tags, bitrate=bitrate)
    job = Job(target, method, dict(options or {}), phase, threads, stretch=settings)
    return process_files(job, paths, jobs, progress=progress)


def process_files(
    job: Job,
    paths: StrPath | Iterable[StrPath],
    jobs: int | None = None,
    manifest: StrPath | None = None,
    engine: str = "processes",
    address: str | None = None,
    progress: OnProgress | None = None,
) -> FileResults:
    """Process many files; see `separate_files` for the parameters and errors."""
    check_engine(engine, address)
    jobs = check_value("jobs", jobs, int | None, least=1)
    if engine == "ray" and manifest is None:
        manifest = default_manifest(job.target)
    separator = job.separator()  # what is wrong with it is every file's, not each one's
    separator.separate(np.zeros(1, np.float32), REFERENCE_RATE)  # loads all there is to load
    notes: list[str] = []
    if isinstance(paths, str | PathLike):  # or each of its letters would be one
        paths = [paths]
    names = [fsdecode(path) for path in paths]
    tasks, failures = find_tasks(names, job.target, job.parts(separator), notes)
    if engine == "ray":
        from ticktone.archive.on_ray import run_on_ray

        run = partial(run_on_ray, job, workers=jobs, address=address)
    else:
        run = partial(run_tasks, job, jobs=jobs or 1, on_progress=progress)
    total = len(tasks) + len(failures)
    if manifest is None:
        return FileResults(total, _all(failures, run, tasks), notes)
    from ticktone.archive.manifest import Manifest, recorded

    written = Manifest(location(manifest), job)
    return FileResults(total, recorded(written, tasks, failures, run), notes)


def _all(
    failures: Iterable[FileResult], run: Run, tasks: Sequence[Task]
) -> Generator[FileResult, None, None]:
    yield from failures
    yield from run(tasks)


def check_engine(engine: str, address: str | None) -> None:
    """Refuse an engine that does not exist, and an address that would not be used.

    Raises
    ------
    TicktoneError
    """
    if engine not in ENGINES:
        raise TicktoneError(unknown("engine", str(engine), ENGINES))
    if address is not None and engine != "ray":
        raise TicktoneError("--address is a Ray cluster's; add --engine ray")


def default_manifest(target: Target) -> str:
    """Return where the manifest goes: among the outputs.

    Raises
    ------
    TicktoneError
        If they have no folder of their own.
    """
    if target.folder is None:
        raise TicktoneError("--engine ray needs a --manifest, or an --output to put it in")
    return str(target.folder / "manifest.parquet")
