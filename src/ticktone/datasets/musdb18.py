"""MUSDB18 and MUSDB18-HQ: Rafii, Liutkus, Stöter, Mimilakis, Bittner, 2017 and 2019.

100 songs for training and 50 for testing; 44.1 kHz, stereo, for academic use only. As in Lordelo
et al., "Investigating kernel shapes and skip connections for deep learning-based
harmonic-percussive separation", WASPAA 2019, the percussive part is the drums stem and the
harmonic part the mixture minus the drums. They hold 20 of the 100 songs out for validation and do
not say which; here `ticktone.datasets.split` chooses them by name (subsets "train" and
"validation"). The package musdb, by the data set's authors, holds out 14 others ("official-train"
and "official-validation").
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from ticktone.datasets.cache import StemCache, write_wav
from ticktone.datasets.layout import Files, Layout, SongEntry, find_wav_stems, list_folders
from ticktone.datasets.split import split
from ticktone.errors import TicktoneError

STREAMS = ("mixture", "drums", "bass", "other", "vocals")
SUBSETS = ("train", "validation", "test", "official-train", "official-validation")
OFFICIAL_VALIDATION = (  # as in musdb's configuration
    "Actions - One Minute Smile",
    "Clara Berry And Wooldog - Waltz For My Victims",
    "Johnny Lokke - Promises & Lies",
    "Patrick Talbot - A Reason To Leave",
    "Triviul - Angelsaint",
    "Alexander Ross - Goodbye Bolero",
    "Fergessen - Nos Palpitants",
    "Leaf - Summerghost",
    "Skelpolu - Human Mistakes",
    "Young Griffo - Pennies",
    "ANiMAL - Rockshow",
    "James May - On The Line",
    "Meaxic - Take A Step",
    "Traffic Experiment - Sirens",
)
_SUFFIX = ".stem.mp4"
_PADDING = 4096  # samples of an AAC stream that may be the encoder's own


def musdb18hq(path: Path) -> Layout:
    """Return the layout MUSDB18-HQ, and a folder's songs in it: each a folder of WAV files."""
    train, test = ({s.name: s for s in list_folders(path / subset)} for subset in ("train", "test"))
    if not any((song / "drums.wav").is_file() for song in (*train.values(), *test.values())):
        train, test = {}, {}  # somebody else's folders of those names
    return Layout(
        kind="musdb18hq",
        expected="{train,test}/SONG/{mixture,drums,bass,other,vocals}.wav",
        harmonic="difference",
        subsets=SUBSETS,
        entries=_entries(train, test, _wav_files),
    )


def musdb18(path: Path, cache: StemCache | None) -> Layout:
    """Return the layout MUSDB18, and a folder's songs in it: each an MP4 file of five streams.

    They are decoded once into the cache, to 16 bits as the package musdb does: only mixture and
    drums, about 80 MB a song, 13 GB in all.
    """
    train, test = (
        {s.name.removesuffix(_SUFFIX): s for s in (path / subset).glob(f"[!.]*{_SUFFIX}")}
        for subset in ("train", "test")
    )
    return Layout(
        kind="musdb18",
        expected=f"{{train,test}}/SONG{_SUFFIX}",
        harmonic="difference",
        subsets=SUBSETS,
        entries=_entries(train, test, partial(_stream_files, cache)),
    )


def _entries(
    train: dict[str, Path], test: dict[str, Path], files: Callable[[Path], Files]
) -> list[SongEntry]:
    for_training, for_validation = split(train)
    return [
        SongEntry(name, partial(files, songs[name]), (subset, *_official(subset, name)))
        for subset, names, songs in (
            ("train", for_training, train),
            ("validation", for_validation, train),
            ("test", sorted(test), test),
        )
        for name in names
    ]


def _official(subset: str, name: str) -> tuple[str, ...]:
    if subset == "test":
        return ()
    return ("official-validation" if name in OFFICIAL_VALIDATION else "official-train",)


def _wav_files(song: Path) -> Files:
    mixture, drums, *_ = find_wav_stems(song, *STREAMS)
    return [drums], [mixture]


def _stream_files(cache: StemCache | None, source: Path) -> Files:
    if cache is None:
        raise TicktoneError(
            f"{_SUFFIX} files must be decoded before use; name a folder for that as cache "
            "(--cache, data.cache)"
        )
    folder = cache.folder / source.parent.name / source.name.removesuffix(_SUFFIX)
    size = source.stat().st_size  # in the name, lest another version's be taken for it
    mixture, drums = (folder / f"{stream}.{size}.wav" for stream in ("mixture", "drums"))
    for stream, path in (("mixture", mixture), ("drums", drums)):
        if not path.exists():
            cache.on_decode(source)
            _decode(source.absolute(), STREAMS.index(stream), path)
    return [drums], [mixture]


def _decode(source: Path, stream: int, target: Path) -> None:
    """Write one stream of a stem.mp4 file as a WAV file."""
    for program in ("ffmpeg", "ffprobe"):
        if shutil.which(program) is None:
            raise TicktoneError(f"{_SUFFIX} files need the program {program}; install ffmpeg")
    try:
        import ffmpeg
        import stempeg
    except ImportError:
        raise TicktoneError(
            f"{_SUFFIX} files need the package stempeg; pip install 'ticktone[data]'"
        ) from None
    try:
        info = stempeg.Info(str(source))
    except ffmpeg.Error:
        raise TicktoneError("is damaged; copy or download it again", source) from None
    if info.nb_audio_streams != len(STREAMS):
        raise TicktoneError(
            f"has {info.nb_audio_streams} streams of sound, not the {len(STREAMS)} of MUSDB18",
            source,
        )
    try:
        stems, sample_rate = stempeg.read_stems(
            str(source),
            stem_id=info.audio_stream_idx()[stream],
            dtype=np.int16,
            ffmpeg_format="s16le",
            always_3d=True,
            info=info,
        )
    except RuntimeError as error:  # streams with different numbers of channels
        raise TicktoneError(f"cannot be decoded: {error}", source) from None
    samples = stems[0].T
    if samples.shape[-1] < info.samples(stream) - _PADDING:  # stempeg lets a failed ffmpeg pass
        raise TicktoneError("is damaged; copy or download it again", source)
    write_wav(target, sample_rate, len(samples), [samples / np.float32(2**15)], "PCM_16")
