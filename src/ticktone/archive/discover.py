"""Which sound files are named or lie in folders, and where the outputs of each go."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path, PurePath

from ticktone.archive.job import Task
from ticktone.archive.result import FileResult, failure
from ticktone.archive.target import Target
from ticktone.audio.ffmpeg import kind_for_ffmpeg
from ticktone.audio.formats import READABLE, container_of, output_extension
from ticktone.audio.stem_file import is_own_stem_file
from ticktone.errors import TicktoneError
from ticktone.parts import PARTS, REMIX, STEM, STRETCH
from ticktone.storage.location import Location, Uri, canonical_name, location


def find_tasks(
    names: Sequence[str | PathLike[str]],
    target: Target,
    parts: Sequence[str],
    notes: list[str] | None = None,
) -> tuple[list[Task], list[FileResult]]:
    """List the sound files that are named or lie in folders that are, at any depth.

    Parameters
    ----------
    names : sequence of path-like
        Paths and URIs.
    target : Target
        Its folder, if any, will mirror the tree of each folder in `names`, and the whole path of
        each file that is named by a URI.
    parts : sequence of str
        What will be written for each file.
    notes : list of str, optional
        A line is added for each folder where files are passed over.

    Returns
    -------
    tasks : list of Task
    failures : list of FileResult
        For folders without sound files or permission, and files whose outputs would collide.

    Notes
    -----
    In folders, files are told by their extensions, and those that ticktone itself has written
    (`NAME.harmonic.EXT` and the like) are passed over, as are hidden files and folders. Links to
    folders are followed, each folder once.
    """
    tasks, failures = [], []
    for path in names:
        name = os.fspath(path)
        where = location(name)
        locked: list[OSError] = []
        try:
            if not _is_folder(where):
                tasks.append(Task(where, _mirrored(target, _named_path(name))))
                continue
            passed: Counter[str] = Counter()
            found = sorted(_sound_files(where, locked, passed))
        except TicktoneError as error:
            failures.append(failure(where, error))
            continue
        if passed and notes is not None:
            counts = ", ".join(f"{count} {kind}" for kind, count in passed.most_common())
            notes.append(f"{where}: passed over {counts}")
        for problem in locked:
            cause = f"{problem.filename}: may not be read: {problem.strerror}"
            failures.append(failure(where, cause))
        if not found and not locked:
            failures.append(failure(where, f"{where}: holds no sound files; name one that does"))
        tasks += [Task(source, _mirrored(target, path)) for source, path in found]
    tasks = list({canonical_name(task.source): task for task in tasks}.values())  # each once
    kept, rivals = _without_collisions(tasks, parts)
    return kept, failures + rivals


def _is_folder(where: Location) -> bool:
    if isinstance(where, Path):
        return os.path.isdir(where)
    if where.suffix[1:].lower() in READABLE:  # to ask about each of very many would take hours
        return False
    there = where.state()
    return there is not None and there.is_folder


def _named_path(name: str) -> PurePath:
    """Return the path of a file that is named by a URI; of another, nothing."""
    _, _, path = name.partition("://")
    return PurePath(*path.split("/")[:-1])


def _mirrored(target: Target, path: PurePath) -> Target:
    return target if target.folder is None else replace(target, folder=target.folder / path)


def _sound_files(
    folder: Location, locked: list[OSError], passed: Counter[str]
) -> Iterator[tuple[Location, PurePath]]:
    """Yield sound files and the folders, within the folder, that they lie in; count the others."""
    for path, within in _files(folder, locked):
        suffix = path.suffix.lower()
        if path.name.startswith("."):
            continue
        if isinstance(path, Path) and not os.path.isfile(path):
            if suffix[1:] in READABLE:
                passed["that lead to no file" if path.is_symlink() else "that are no files"] += 1
        elif suffix[1:] not in READABLE:
            passed[suffix or "without extension"] += 1
        elif PurePath(path.stem).suffix[1:] in (*PARTS, REMIX, STRETCH) or _is_own_stem_file(path):
            passed["of ticktone's own parts"] += 1
        else:
            yield path, within


def _is_own_stem_file(path: Location) -> bool:
    """Return whether ticktone wrote a stem file; what is elsewhere there is no looking into."""
    is_one = path.name.lower().endswith(f".{STEM}.mp4")
    return is_one and isinstance(path, Path) and is_own_stem_file(path)


def _files(folder: Location, locked: list[OSError]) -> Iterator[tuple[Location, PurePath]]:
    """Yield what is no folder and lies in no hidden one, and the folders that it lies in."""
    if isinstance(folder, Uri):
        for uri in folder.files():
            within = uri.parent.relative_to(folder)
            if not any(name.startswith(".") for name in within.parts):
                yield uri, within
        return
    seen: set[tuple[int, int]] = set()
    starts = [folder]  # then the links to folders, so that a folder goes by its own name first
    for start in starts:
        for where, folders, names in os.walk(start, onerror=locked.append):
            if not _is_new(where, seen):
                folders.clear()
                continue
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            paths = [Path(where, name) for name in folders]
            starts += [path for path in paths if path.is_symlink()]
            for path in (Path(where, name) for name in names):
                yield path, path.parent.relative_to(folder)


def _is_new(folder: str, seen: set[tuple[int, int]]) -> bool:
    """Return whether a folder is seen for the first time, under whatever name."""
    with suppress(OSError):  # it is gone
        state = os.stat(folder)  # noqa: PTH116
        identity = (state.st_dev, state.st_ino)
        if identity not in seen:
            seen.add(identity)
            return True
    return False


def _without_collisions(
    tasks: list[Task], parts: Sequence[str]
) -> tuple[list[Task], list[FileResult]]:
    """Refuse files that would write the same outputs, or over another file that is to be read."""
    outputs = {id(task): [_output(task, part) for part in parts] for task in tasks}
    writers = defaultdict(list)
    for task in tasks:
        writers[outputs[id(task)][0]].append(task)
    sources = {canonical_name(task.source): task.source for task in tasks}
    kept, failures = [], []
    for task in tasks:
        rivals = [other for other in writers[outputs[id(task)][0]] if other is not task]
        eaten = [sources[path] for path in outputs[id(task)] if path in sources]
        eaten = [source for source in eaten if source != task.source]
        if rivals:
            cause = f"{rivals[0].source} would write the same outputs; rename one of them"
        elif eaten and task.target.existing == "overwrite":
            cause = f"would overwrite {eaten[0]}, which is to be read; choose an --output"
        else:
            kept.append(task)
            continue
        failures.append(failure(task.source, f"{task.source}: {cause}"))
    return kept, failures


def _output(task: Task, part: str) -> str:
    """Predict where an output will go."""
    extension = task.source.suffix[1:]
    if task.target.stem_mp4:
        extension = "mp4"
    elif task.target.format != "same":
        extension = output_extension(task.target.format.upper(), extension)
    elif isinstance(task.source, Path):  # into what is elsewhere there are too many looks
        extension = _same_extension(task.source)
    return canonical_name(task.target.path(task.source, part, extension))


def _same_extension(source: Path) -> str:
    """Predict the extension by a file's first bytes, as its name may not tell the truth."""
    magic = b""
    if os.path.isfile(source):  # a pipe would be waited for
        with suppress(OSError), source.open("rb") as file:  # it will be told when its turn comes
            magic = file.read(16)
    container = "FLAC" if kind_for_ffmpeg(magic) else container_of(magic)
    own = source.suffix[1:]
    return own if container is None else output_extension(container, own)
