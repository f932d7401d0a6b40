"""Files that lie elsewhere: URIs that pyarrow reaches (s3, gs, hdfs, ...) or fsspec (the rest).

What follows the scheme is taken as it is, as fsspec and the stores' own tools do: in
``s3://bucket/100 % live.flac`` nothing is percent-encoded. Regions, end points and credentials
come from each store's own settings (``AWS_REGION``, ``AWS_ENDPOINT_URL``, ...).
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any, NamedTuple

from ticktone.errors import TicktoneError
from ticktone.storage.leftovers import temporary_folder, temporary_name

_CHUNK = 2**20  # bytes copied at a time


class PathState(NamedTuple):
    """Of something that is there.

    Parameters
    ----------
    is_folder : bool
        In a store that has no folders: whether anything lies below.
    changed : float, optional
        When it last was, in seconds since 1970, if the store tells.
    """

    is_folder: bool
    changed: float | None


@dataclass(frozen=True, order=True)
class Uri:
    """A file or folder in a store.

    Parameters
    ----------
    store : str
        Scheme and authority, such as ``s3://bucket``.
    path : PurePosixPath
        From there.
    """

    store: str
    path: PurePosixPath

    def __str__(self) -> str:
        return f"{self.store}/{self.path}" if self.path.parts else self.store

    def __truediv__(self, path: PurePath | str) -> "Uri":
        return Uri(self.store, self.path / path)

    @property
    def name(self) -> str:
        """Its last component."""
        return self.path.name

    @property
    def stem(self) -> str:
        """Its name without the extension."""
        return self.path.stem

    @property
    def suffix(self) -> str:
        """The extension, with its dot."""
        return self.path.suffix

    @property
    def parent(self) -> "Uri":
        """The folder that it lies in."""
        return Uri(self.store, self.path.parent)

    def relative_to(self, folder: "Uri") -> PurePosixPath:
        """Return the path from a folder of the same store."""
        return self.path.relative_to(folder.path)

    def state(self) -> PathState | None:
        """Return what is there: None if nothing is.

        Raises
        ------
        TicktoneError
            If the store cannot be reached.
        """
        from pyarrow.fs import FileType

        with _reaching(self):
            filesystem, path = self.reach()
            info = filesystem.get_file_info(path)
        if info.type == FileType.NotFound:
            return None
        changed = None if info.mtime_ns is None else info.mtime_ns / 1e9
        return PathState(info.type == FileType.Directory, changed)

    def files(self) -> list["Uri"]:
        """List the files in a folder, at any depth."""
        from pyarrow.fs import FileSelector

        with _reaching(self):
            filesystem, folder = self.reach()
            found = filesystem.get_file_info(FileSelector(folder, recursive=True))
        start = PurePosixPath(folder)
        return [
            self / PurePosixPath(info.path).relative_to(start) for info in found if info.is_file
        ]

    def fetch(self, path: Path) -> None:
        """Copy it to a local file.

        Raises
        ------
        TicktoneError
            If it is not there or cannot be read.
        """
        with _reaching(self):
            filesystem, origin = self.reach()
            with (
                filesystem.open_input_stream(origin, compression=None) as stream,
                path.open("wb") as file,
            ):
                shutil.copyfileobj(stream, file, _CHUNK)

    def put(self, file: IO[bytes]) -> None:
        """Write it whole or not at all: under another name first, then moved.

        Raises
        ------
        TicktoneError
            If it cannot be written.
        """
        beside = self.parent / temporary_name()
        with _reaching(self):
            filesystem, path = self.reach()
            temporary = beside.reach()[1]
            try:
                with _created(filesystem, temporary) as stream:
                    shutil.copyfileobj(file, stream, _CHUNK)
                filesystem.move(temporary, path)
            except BaseException:
                with suppress(OSError):
                    filesystem.delete_file(temporary)
                raise

    def reach(self) -> tuple[Any, str]:
        """Return the `pyarrow.fs.FileSystem` that reaches it, and its path there.

        Raises
        ------
        TicktoneError
            If nothing installed reaches such a store.
        """
        filesystem, root = _open_store(self.store)
        return filesystem, "/".join([root.rstrip("/"), *self.path.parts])


Location = Path | Uri


def location(name: str | os.PathLike[str]) -> Location:
    """Return the file or folder that a path or URI names.

    Raises
    ------
    TicktoneError
        If it is empty, as where a variable of a script is not set, or cannot be a file's.
    """
    name = os.fsdecode(name)
    if name == "":
        raise TicktoneError("a path is empty; name a file or a folder ('.' for this one)")
    if "\0" in name:
        raise TicktoneError("has a null character in its name, which no file has", repr(name))
    scheme, separator, rest = name.partition("://")
    if not separator:
        return Path(name)
    if scheme == "file":
        return Path("/", rest.removeprefix("localhost/"))
    authority, _, path = rest.partition("/")
    return Uri(f"{scheme}://{authority}", PurePosixPath(path.strip("/")))


def reach(where: Location) -> tuple[Any, str]:
    """Return the `pyarrow.fs.FileSystem` that reaches a file, and its path there.

    Raises
    ------
    TicktoneError
        If nothing installed reaches it.
    """
    if isinstance(where, Uri):
        return where.reach()
    need_pyarrow()
    from pyarrow.fs import LocalFileSystem

    return LocalFileSystem(), str(where.absolute())


def canonical_name(path: Location) -> str:
    """Return a file's one name, its folder being without links; it need not exist."""
    if isinstance(path, Uri):
        return str(path)
    return f"{os.path.realpath(path.parent)}/{path.name}"


def as_text(name: str) -> str:
    r"""Return a name as text that everything can hold: bytes that are not UTF-8 as ``\xE9``.

    >>> as_text("1\udce9.wav") == "1" + chr(92) + "xe9.wav"
    True
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def state_of(where: Location) -> PathState | None:
    """Return what is there: None if nothing is.

    Raises
    ------
    OSError, TicktoneError
        If that cannot be told.
    """
    if isinstance(where, Uri):
        return where.state()
    if not os.path.exists(where):  # unlike Path.exists, it does not raise for want of permission
        return None
    return PathState(os.path.isdir(where), where.stat().st_mtime)


@contextmanager
def fetched(source: Location) -> Iterator[Path]:
    """Yield a temporary local copy of a file, or the file itself if it is local.

    Errors about the copy become errors about the file.
    """
    if isinstance(source, Path):
        yield source
        return
    with temporary_folder() as folder:
        copy = folder / source.name
        source.fetch(copy)
        with _naming({str(copy): source}):
            yield copy


@contextmanager
def delivering(targets: Sequence[Location]) -> Iterator[list[Path]]:
    """Yield local files to write; at the end, unless there is an error, send them to their targets.

    All `targets` are local, and then nothing has to be done, or none is.
    """
    if all(isinstance(target, Path) for target in targets):
        yield [Path(str(target)) for target in targets]
        return
    with temporary_folder() as folder:
        copies = {folder / target.name: target for target in targets}
        with _naming({str(copy): target for copy, target in copies.items()}):
            yield list(copies)
        for copy, target in copies.items():
            assert isinstance(target, Uri)
            with copy.open("rb") as file:
                target.put(file)
            copy.unlink()


@contextmanager
def _naming(copies: dict[str, Location]) -> Iterator[None]:
    try:
        yield
    except TicktoneError as error:
        if error.path in copies:
            raise TicktoneError(error.cause, copies[error.path]) from None
        raise


@contextmanager
def _reaching(uri: Uri) -> Iterator[None]:
    """Turn what stores say into errors that a user can mend."""
    try:
        yield
    except FileNotFoundError:
        raise TicktoneError("no such file; check the spelling", uri) from None
    except OSError as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise TicktoneError(f"cannot be reached: {lines[0]}", uri) from None


def _created(filesystem: Any, path: str) -> Any:
    """Open a file to write, in a folder that may not be there yet."""
    try:
        return filesystem.open_output_stream(path, compression=None)
    except FileNotFoundError:
        filesystem.create_dir(str(PurePosixPath(path).parent), recursive=True)
        return filesystem.open_output_stream(path, compression=None)


@cache
def _open_store(store: str) -> tuple[Any, str]:
    need_pyarrow()
    from pyarrow import ArrowInvalid
    from pyarrow.fs import FileSystem, FSSpecHandler, PyFileSystem

    try:
        filesystem, root = FileSystem.from_uri(store)
        return filesystem, root
    except ArrowInvalid:
        pass  # pyarrow does not know the scheme
    try:
        from fsspec.core import url_to_fs

        beyond, root = url_to_fs(store)
    except (ImportError, ValueError) as error:
        raise TicktoneError(f"cannot be reached: {error}", store) from None
    return PyFileSystem(FSSpecHandler(beyond)), root


def need_pyarrow() -> None:
    """Refuse to go on without pyarrow, which local files do not need.

    Raises
    ------
    TicktoneError
    """
    try:
        import pyarrow.fs  # noqa: F401
    except ImportError:
        raise TicktoneError(
            "URIs and manifests need pyarrow; install it by: pip install 'ticktone[archive]'"
        ) from None
