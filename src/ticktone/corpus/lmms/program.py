"""The program LMMS, which renders projects."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

from ticktone.corpus.effects import Sound
from ticktone.errors import TicktoneError

_RATES = (44_100, 48_000, 88_200, 96_000)  # Hz; what LMMS renders at
_LONGEST = 1800  # seconds that a rendering may take


@cache
def executable() -> Path:
    """Find the program.

    Raises
    ------
    TicktoneError
        If it is not installed.
    """
    path = shutil.which("lmms")
    if path is None:
        raise TicktoneError(
            "projects of LMMS need the program lmms, which is not installed; "
            "install it, on Debian by: apt-get install lmms"
        )
    return Path(path)


@cache
def version() -> str:
    """Return what the program says of its version, such as "1.2.2"."""
    said = _run(["--version"], Path(tempfile.gettempdir()), 60)
    return next((line.split()[1] for line in said.splitlines() if line.startswith("LMMS ")), "?")


def factory_samples() -> Path:
    """Return the folder of the samples that come with LMMS."""
    return executable().resolve().parent.parent / "share" / "lmms" / "samples"


def render(project: bytes, sample_rate: int) -> Sound:
    """Render a project once, in floating point.

    The program's own settings are not read, and none are written.

    Parameters
    ----------
    project : bytes
        Content of an mmp file.
    sample_rate : int
        Hz. Rates that LMMS does not have are resampled to.

    Returns
    -------
    ndarray [shape=(2, samples)]

    Raises
    ------
    TicktoneError
        If the program is not installed or fails.
    """
    rate = sample_rate if sample_rate in _RATES else _RATES[0]
    with tempfile.TemporaryDirectory(prefix="ticktone-") as folder:
        source, target = Path(folder, "song.mmp"), Path(folder, "song.wav")
        source.write_bytes(project)
        said = _run(
            ["render", str(source), "-f", "wav", "-a", "-s", str(rate), "-o", str(target)],
            Path(folder),
            _LONGEST,
        )
        try:
            sound, rate = soundfile.read(target, dtype="float32", always_2d=True)
        except (OSError, soundfile.LibsndfileError):
            lines = said.strip().splitlines() or ["it says nothing"]
            raise TicktoneError(f"LMMS failed ({lines[-1][-200:]})") from None
    if rate != sample_rate:
        sound = soxr.resample(sound, rate, sample_rate)
    stereo: Sound = np.ascontiguousarray(np.broadcast_to(sound.T, (2, len(sound))))
    return stereo


def _run(arguments: list[str], home: Path, longest: float) -> str:
    """Run the program with a folder as the user's own; return what it said."""
    as_root = ["--allowroot"] if os.geteuid() == 0 else []
    places = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
    try:
        done = subprocess.run(
            [str(executable()), *as_root, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=longest,
            env={
                **os.environ,
                **dict.fromkeys(places, str(home)),
                "QT_QPA_PLATFORM": "offscreen",  # it needs a screen otherwise
            },
        )
    except subprocess.TimeoutExpired:
        raise TicktoneError(f"LMMS did not end within {longest:.0f} s") from None
    return done.stdout.decode(errors="replace")
