"""MUSDB18 and MUSDB18-HQ: Rafii, Liutkus, Stöter, Mimilakis, Bittner, 2017 and 2019.

100 songs for training and 50 for testing; 44.1 kHz, stereo, for academic use only. As in Lordelo
et al., "Investigating kernel shapes and skip connections for deep learning-based
harmonic-percussive separation", WASPAA 2019, the percussive part is the drums stem and the
harmonic part the mixture minus the drums. They hold 20 of the 100 songs out for validation and do
not say which; here `ticktone.datasets.split` chooses them by name.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from ticktone.datasets.cache import cached_path, write_wav
from ticktone.datasets.layout import Entry, Files, Layout, folders, wav_stems
from ticktone.datasets.split import split
from ticktone.errors import TicktoneError

STREAMS = ("mixture", "drums", "bass", "other", "vocals")
_SUBSETS = ("train", "validation", "test")
_SUFFIX = ".stem.mp4"
_PADDING = 4096  # samples of an AAC stream that may be the encoder's own


def musdb18hq(path: Path) -> Layout:
    """Find the songs of MUSDB18-HQ, each a folder of WAV files."""
    train, test = ({s.name: s for s in folders(path / subset)} for subset in ("train", "test"))
    if not any((song / "drums.wav").is_file() for song in (*train.values(), *test.values())):
        train, test = {}, {}  # somebody else's folders of those names
    return Layout(
        kind="musdb18hq",
        expected="{train,test}/SONG/{mixture,drums,bass,other,vocals}.wav",
        harmonic="difference",
        subsets=_SUBSETS,
        entries=_entries(train, test, _wav_files),
    )


def musdb18(path: Path, cache: Path | None) -> Layout:
    """Find the songs of MUSDB18, each an MP4 file of five AAC streams.

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
        subsets=_SUBSETS,
        entries=_entries(train, test, partial(_stream_files, cache)),
    )


def _entries(
    train: dict[str, Path], test: dict[str, Path], files: Callable[[Path], Files]
) -> list[Entry]:
    for_training, for_validation = split(train)
    return [
        Entry(name, partial(files, songs[name]), subset)
        for subset, names, songs in (
            ("train", for_training, train),
            ("validation", for_validation, train),
            ("test", sorted(test), test),
        )
        for name in names
    ]


def _wav_files(song: Path) -> Files:
    mixture, drums, *_ = wav_stems(song, *STREAMS)
    return [drums], [mixture]


def _stream_files(cache: Path | None, source: Path) -> Files:
    if cache is None:
        raise TicktoneError(
            f"{_SUFFIX} files must be decoded before use; give a folder for that, as cache"
        )
    folder = cache / source.parent.name / source.name.removesuffix(_SUFFIX)
    mixture, drums = (cached_path(source, folder, stream) for stream in ("mixture", "drums"))
    for stream, path in (("mixture", mixture), ("drums", drums)):
        if not path.exists():
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
