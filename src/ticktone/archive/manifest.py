"""The results of very many songs, in Parquet, so that a run goes on where it was stopped.

A manifest is a folder of small Parquet files that any reader takes as one table, with the columns
of `ticktone.archive.result.FileResult`. Each file is put there whole; results are on their way to
it for a second at most, and a song whose result a killed run did not write down is done again.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from itertools import chain
from typing import Any
from uuid import uuid4

from ticktone.archive.job import Job, Run, Task
from ticktone.archive.result import FileResult
from ticktone.archive.time_range import WHOLE
from ticktone.errors import TicktoneError
from ticktone.storage.atomic import write_whole
from ticktone.storage.location import (
    Location,
    Uri,
    as_text,
    canonical_name,
    location,
    need_pyarrow,
    reach,
    state_of,
)

FINISHED = ("done", "skipped")
_SECONDS = 1.0  # between two writings of a file
_ROWS = 1000  # to a file
_KEY = b"ticktone"  # of what a manifest says about itself


class Manifest:
    """A manifest, new or begun before. One run at a time may write to it.

    Parameters
    ----------
    folder : Path or Uri
        Made if it is not there.
    job : Job
        What is done to every song; all results of a manifest are of one job.

    Attributes
    ----------
    since : float
        When it was begun, in seconds since 1970.

    Raises
    ------
    TicktoneError
        If it is another job's, or no manifest, or cannot be read or written.
    """

    def __init__(self, folder: Location, job: Job) -> None:
        need_pyarrow()
        self.folder = folder
        self._finished: dict[str, dict[str, str]] = {}
        self._rows: list[dict[str, Any]] = []
        self._run = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{uuid4().hex[:8]}"
        self._file, self._written = 0, 0.0
        said = self._read()
        wanted = _words(job)
        if said is None:
            self.since = time.time()
            self._said = {"job": wanted, "since": self.since}
            self._write()  # so that it begins before its first song does
            self._begin_file()
            return
        self._said, self.since = said, said["since"]
        for name in {**wanted, **said["job"]}:
            before, value = said["job"].get(name), wanted.get(name)
            if before != value:
                raise TicktoneError(
                    f"is of a run with {name} {before!r}, not {value!r}; choose another --manifest",
                    folder,
                )

    def outputs(self, source: Location) -> dict[str, str] | None:
        """Return the outputs of a song that is finished; None of any other."""
        return self._finished.get(_name(source))

    def add(self, result: FileResult) -> None:
        """Write down what became of a song.

        Raises
        ------
        TicktoneError
            If it cannot be written now; what was added is kept, and written with the next.
        """
        outputs = {part: _name(location(path)) for part, path in result.outputs.items()}
        error = None if result.error is None else as_text(result.error)
        notes = [as_text(note) for note in result.notes]
        texts: dict[str, Any] = {"error": error, "notes": notes, "outputs": outputs}
        self._rows.append(asdict(replace(result, source=_name(location(result.source)), **texts)))
        if time.monotonic() - self._written >= _SECONDS or len(self._rows) >= _ROWS:
            self._written = time.monotonic()  # lest a full disk be asked with every song
            self._write()
        if len(self._rows) >= _ROWS:
            self._begin_file()

    def close(self) -> None:
        """Write down what is not yet written."""
        if self._rows:
            self._write()

    def _begin_file(self) -> None:
        self._rows, self._file, self._written = [], self._file + 1, 0.0

    def _write(self) -> None:
        """Write the file under way anew, with all of its rows."""
        import pyarrow
        from pyarrow.parquet import write_table

        schema = _schema().with_metadata({_KEY: json.dumps(self._said)})
        rows = [
            {name: list(x.items()) if isinstance(x, dict) else x for name, x in row.items()}
            for row in self._rows
        ]
        buffer = BytesIO()
        write_table(pyarrow.Table.from_pylist(rows, schema), buffer)
        path = self.folder / f"{self._run}-{self._file:04}.parquet"
        if isinstance(path, Uri):
            buffer.seek(0)
            path.put(buffer)
        else:
            write_whole(path, lambda file: file.write(buffer.getbuffer()))
        self._written = time.monotonic()

    def _read(self) -> dict[str, Any] | None:
        """Learn what is finished; give what it says of itself, None if it is not there."""
        there = state_of(self.folder)
        if there is None:
            return None
        table = read_manifest(self.folder)
        said = (table.schema.metadata or {}).get(_KEY)
        if said is None:
            if table.num_rows or table.num_columns:
                raise TicktoneError("is no manifest of ticktone's; choose another", self.folder)
            return None
        try:
            columns = (table[name].to_pylist() for name in ("source", "status", "outputs"))
            for source, status, outputs in zip(*columns, strict=True):
                if status in FINISHED:
                    self._finished[source] = dict(outputs)
            words: dict[str, Any] = json.loads(said)
            job, since = words["job"], words["since"]
            return {"job": dict(job), "since": float(since)}
        except (KeyError, TypeError, ValueError) as error:
            why = f"{type(error).__name__}: {error}".splitlines()[0]
            raise TicktoneError(
                f"is a damaged manifest ({why}); choose another", self.folder
            ) from None


def read_manifest(folder: Location) -> Any:
    """Read all of a manifest.

    Parameters
    ----------
    folder : Path or Uri

    Returns
    -------
    pyarrow.Table
        A row for each attempt at each song, in order.

    Raises
    ------
    TicktoneError
        If it cannot be read.
    """
    filesystem, path = reach(folder)
    from pyarrow import ArrowException
    from pyarrow.dataset import dataset

    try:
        return dataset(path, filesystem=filesystem, format="parquet").to_table()
    except (ArrowException, OSError) as error:
        line = (str(error).splitlines() or [""])[0]
        raise TicktoneError(f"cannot be read as a manifest: {line}", folder) from None


def recorded(
    manifest: Manifest, tasks: Iterable[Task], failures: Iterable[FileResult], run: Run
) -> Iterator[FileResult]:
    """Run tasks that a manifest does not have as finished, and write down what becomes of them.

    Parameters
    ----------
    manifest : Manifest
    tasks : iterable of Task
    failures : iterable of FileResult
        What `find_tasks` could not make a task of.
    run : callable
        The engine.

    Yields
    ------
    FileResult
        First those of the songs that are finished: "skipped".
    """
    remaining = []
    for task in tasks:
        outputs = manifest.outputs(task.source)
        if outputs is None:
            remaining.append(replace(task, target=replace(task.target, since=manifest.since)))
        else:
            yield FileResult(str(task.source), outputs, "skipped")
    was_told = False
    try:
        with closing(run(remaining)) as results:  # type: ignore[type-var]
            for result in chain(failures, results):
                try:
                    manifest.add(result)
                except TicktoneError as error:
                    if not was_told:
                        result.notes.append(
                            f"is not recorded, but will be if that succeeds later: {error}"
                        )
                    was_told = True
                yield result
    except BaseException:
        with suppress(TicktoneError):  # there is worse to be told
            manifest.close()
        raise
    manifest.close()


def _name(where: Location) -> str:
    return as_text(canonical_name(where))


def _words(job: Job) -> dict[str, Any]:
    """Return what distinguishes a job from others, as JSON can hold it."""
    target = job.target
    # Left out where they are as ever, so that manifests from before there were any go on.
    later: dict[str, Any] = {"bitrate": target.bitrate, "tags": target.tags or "left out"}
    later["complement"] = job.complement or "none"
    excerpt = job.excerpt
    later["start and end"] = None if excerpt == WHOLE else [excerpt.start, excerpt.end]
    later["stem file"] = "yes" if target.stem_mp4 else None
    return {
        **{name: value for name, value in later.items() if value not in (None, True)},
        "method": job.method,
        "options": dict(job.options),
        "phase": job.phase,
        "part": job.only,
        "gains": None,  # as a remix had them
        "format": [target.format, target.subtype, target.float_],
        "output": None if target.folder is None else canonical_name(target.folder),
    }


@cache
def _schema() -> Any:
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    return pa.schema(
        {
            "source": text,
            "outputs": pa.map_(text, text),
            "status": text,
            "error": text,
            "method": text,
            "version": text,
            "sample_rate": pa.int64(),
            "channels": pa.int64(),
            "duration": number,
            "elapsed": number,
            "overs": pa.map_(text, pa.int64()),
            "peaks": pa.map_(text, number),
            "notes": pa.list_(text),
        }
    )
