"""What a sound file holds beside its sound, and may keep: tags, pictures, chunks, positions."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from ticktone.audio.au_text import read_text, write_text
from ticktone.audio.chunks import Chunks, append_chunks, family_of, read_chunks
from ticktone.audio.formats import Format
from ticktone.audio.info import read_texts, retitled, text_chunks
from ticktone.audio.markers import as_wav
from ticktone.audio.speakers import MASK_COMMENT, stated_mask, usual_mask
from ticktone.audio.tag_reading import read_tags
from ticktone.audio.tags import Tags, as_id3, from_id3, id3_bytes, write_tags
from ticktone.errors import TicktoneError
from ticktone.storage.atomic import unwritable

_ID3 = {"RIFF": b"id3 ", "AIFF": b"ID3 "}


@dataclass(frozen=True)
class Extras:
    """What is kept of a recording beside its sound.

    Attributes
    ----------
    tags : Tags
    chunks : Chunks, optional
        Where it is a file of chunks; those of tags are among the `tags`.
    mask : int, optional
        Speaker positions, by the bits of WAVE_FORMAT_EXTENSIBLE.
    is_stated : bool
        Whether the recording states the positions; if not, they are what is meant without.
    notes : tuple of str
        What is worth saying about it.
    """

    tags: Tags = field(default_factory=Tags)
    chunks: Chunks | None = None
    mask: int | None = None
    is_stated: bool = True
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that it takes in a file of chunks, about."""
        pictures = sum(len(picture.data) for picture in self.tags.pictures)
        return 2**16 + pictures + (0 if self.chunks is None else self.chunks.size)

    def without_positions(self, untrue: Collection[str]) -> "Extras":
        """Return what holds of an excerpt, or at another speed or pitch.

        That is no loops and no positions, nor the tags named as `untrue`.
        """
        stretched = replace(self, tags=self.tags.without(untrue))
        if self.chunks is None:
            return stretched
        texts = (b"NAME", b"AUTH", b"(c) ", b"ANNO", b"info")
        content = tuple(
            (name, data)
            for name, data in self.chunks.content
            if name in texts or (name == b"LIST" and data[:4] == b"INFO")
        )
        return replace(stretched, chunks=Chunks(self.chunks.family, content))

    def write(
        self, path: Path, format: Format, part: str | None, stem: str, sample_rate: int
    ) -> None:
        """Add to a finished file what it can hold.

        Parameters
        ----------
        path : Path
        format : Format
            The file's.
        part : str, optional
            What it holds of the recording, to be named in its title; None if it holds all.
        stem : str
            The recording's name, for one that has tags but no title.
        sample_rate : int
            Hz.

        Raises
        ------
        TicktoneError
            If it cannot be written.
        """
        tags = self.tags if part is None else self.tags.named(part, stem)
        family = family_of(path)
        if family is not None and part is not None:
            try:
                content = self._content(family, part, tags, sample_rate)
                if content:
                    append_chunks(path, content)
            except OSError as error:
                raise unwritable(path, error) from None
            return
        if format.container == "FLAC" and self.mask is not None and self.is_stated:
            tags = replace(tags, comments={**tags.comments, MASK_COMMENT: [f"0x{self.mask:X}"]})
        if format.container == "AU" and tags.comments:
            try:
                write_text(path, tags.comments)
            except OSError as error:
                raise unwritable(path, error) from None
        if format.container in ("MP3", "FLAC", "OGG", "MP4") and (tags.comments or tags.pictures):
            write_tags(path, format.container, format.subtype, tags)

    def _content(
        self, family: str, part: str, tags: Tags, sample_rate: int
    ) -> list[tuple[bytes, bytes]]:
        same = self.chunks is not None and self.chunks.family == family
        if same:
            assert self.chunks is not None
            content = [
                (name, retitled(family, name, data, part)) for name, data in self.chunks.content
            ]
        else:
            content = text_chunks(family, tags.comments)
            if self.chunks is not None and (self.chunks.family, family) == ("AIFF", "RIFF"):
                content += as_wav(self.chunks.content, sample_rate)
        if family in _ID3 and (
            tags.id3 is not None or (not same and (tags.comments or tags.pictures))
        ):
            content.append((_ID3[family], id3_bytes(as_id3(tags))))
        return content


def read_extras(path: Path, format: Format, channels: int, keep: bool = True) -> Extras:
    """Read what a sound file holds beside its sound; what is damaged costs itself.

    Parameters
    ----------
    path : Path
    format : Format
        The file's.
    channels : int
    keep : bool
        Whether tags, pictures and chunks are wanted; speaker positions always are.
    """
    stated = stated_mask(path, format, channels)
    speakers = Extras(
        mask=usual_mask(format, channels) if stated is None else stated,
        is_stated=stated is not None,
    )
    if not keep:
        return speakers
    chunks = read_chunks(path)
    try:
        if format.container == "AU":
            tags = Tags(read_text(path))
        elif chunks is None:
            tags = read_tags(path, ask_ffprobe=format.container == "FFMPEG")
        else:
            tags, chunks = _tags_of_chunks(chunks)
    except (OSError, TicktoneError):
        raise
    except Exception as error:  # mutagen raises many, and a song is worth more than its tags
        why = str(error) or type(error).__name__
        return replace(speakers, chunks=chunks, notes=(f"its tags cannot be read ({why})",))
    return replace(speakers, tags=tags, chunks=chunks)


def _tags_of_chunks(chunks: Chunks) -> tuple[Tags, Chunks]:
    """Return the tags of the chunks that are tags, and the texts of others."""
    from mutagen.id3 import ID3

    tags, others = Tags(), []
    for name, content in chunks.content:
        if name.lower() == b"id3 " and content[:3] == b"ID3":
            tags = from_id3(ID3(BytesIO(content)))
        else:
            others.append((name, content))
    for name, content in others:
        texts: dict[str, list[str]] = {}
        read_texts(chunks.family, name, content, texts)
        for key, values in texts.items():
            tags.comments.setdefault(key, values)
    return tags, Chunks(chunks.family, tuple(others))
