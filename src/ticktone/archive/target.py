"""Where the outputs of a file go, and in what format."""

from dataclasses import dataclass

from ticktone.audio.formats import check_format
from ticktone.errors import TicktoneError
from ticktone.options import check_number, check_truths, check_value
from ticktone.parts import PARTS, REMIX
from ticktone.storage.location import Location
from ticktone.storage.overwrite import EXISTING


@dataclass(frozen=True)
class Target:
    """Where the outputs of a file go, and how.

    Parameters
    ----------
    folder : Path or Uri, optional
        Default: the file's own.
    format, subtype, float_
        As `ticktone.audio.formats.output_format`.
    existing : {"refuse", "overwrite", "skip"}
        What to do where an output is there already; "skip" leaves the file alone if all are.
    tags : bool
        Keep tags, pictures and the like of the recording, as far as the format holds them.
    bitrate : float, optional
        kbit/s of MP3 and OGG; of each track of a stem file. Default: no fewer than the recording's.
    since : float, optional
        Seconds since 1970. What was last changed before is somebody's, as `existing` says; what
        was changed later an earlier attempt left there, and is replaced.
    remix_name : str, optional
        Of one remix among several.
    stem_mp4 : bool
        One stem file (see `ticktone.audio.stem_file`) in place of a file for each part; `subtype`
        is its coding, and `format` and `float_` have no say.

    Raises
    ------
    TicktoneError
        If the format is unknown, a subtype is given beside `float_`, either of them beside
        `stem_mp4`, or a remix's name cannot be part of a file's.
    ValueError
        If `existing` is none of the above.
    """

    folder: Location | None = None
    format: str = "same"
    subtype: str | None = None
    float_: bool = False
    existing: str = "refuse"
    tags: bool = True
    bitrate: float | None = None
    since: float | None = None
    stem_mp4: bool = False
    remix_name: str | None = None

    def __post_init__(self) -> None:
        check_truths(self, "float_", "tags", "stem_mp4")
        check_value("subtype", self.subtype, str | None)
        check_value("name", self.remix_name, str | None)
        name = self.remix_name
        if name is not None and (not name.strip(". ") or {"/", "\0"} & set(name) or name in PARTS):
            raise TicktoneError(f"{name!r} cannot be the name of a remix; choose another")
        if self.stem_mp4 and (self.format != "same" or self.float_):
            raise TicktoneError("--stem-mp4 is a format; leave out --format and --float")
        check_format(self.format, self.subtype, self.float_)
        if self.bitrate is not None:
            check_number("bitrate", self.bitrate)
        if self.bitrate is not None and (self.format in ("wav", "flac") or self.float_):
            raise TicktoneError("--bitrate is for what has one: --format mp3 or ogg")
        if self.existing not in EXISTING:
            raise ValueError(
                f"existing must be one of {', '.join(EXISTING)}, not {self.existing!r}"
            )

    def path(self, source: Location, part: str, extension: str) -> Location:
        """Return the path of the output `NAME.PART.EXTENSION`."""
        folder = source.parent if self.folder is None else self.folder
        if part == REMIX and self.remix_name is not None:
            part = f"{self.remix_name}.{REMIX}"
        return folder / f"{source.stem}.{part}.{extension}"
