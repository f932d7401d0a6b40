"""Pictures: the spectrograms of a recording and its parts, one below the other on one scale."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.reader import Reader
from ticktone.errors import TicktoneError, naming
from ticktone.separator import Separator
from ticktone.spectrogram import RANGE, Spectrograms, relative_levels
from ticktone.storage.atomic import write_whole
from ticktone.storage.overwrite import refuse_loss


def plot_file(separator: Separator, path: Path, picture: Path, *, overwrite: bool = False) -> None:
    """Draw a sound file's spectrogram and those of its parts, as PNG.

    Parameters
    ----------
    separator : Separator
    path, picture : Path
    overwrite : bool
        Whether a picture that is there already is replaced.

    Raises
    ------
    TicktoneError
        If the file cannot be read or the picture not be written, or matplotlib is missing.
    """
    Figure = figure_class()
    refuse_loss(path, picture, "overwrite" if overwrite else "refuse")
    check_picture(picture)
    with naming(path), Reader(path) as reader:
        powers, seconds = spectrograms(separator, reader)
    names = ["mixture", *separator.parts]
    loudest = powers["mixture"].max()
    figure = Figure(figsize=(12, 3 * len(names)), layout="constrained")
    axes = figure.subplots(len(names), sharex=True, sharey=True)
    top = reader.sample_rate / 2000
    for axis, name in zip(axes, names, strict=True):
        image = draw(axis, powers[name], loudest, (seconds, top))
        axis.set_title(name, loc="left")
        axis.set_ylabel("frequency (kHz)")
    axes[-1].set_xlabel("time (s)")
    figure.suptitle(f"{path.name}, method {separator.method.name}", parse_math=False)
    figure.colorbar(image, ax=axes, label="level (dB below the loudest)", pad=0.01)
    save(figure, picture)


def figure_class() -> Any:
    """Return matplotlib's `Figure`.

    Raises
    ------
    TicktoneError
        If matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise TicktoneError(
            "plotting needs matplotlib; install it by: pip install 'ticktone[plot]'"
        ) from None
    return Figure


def draw(axis: Any, power: NDArray[np.float32], loudest: float, extent: tuple[float, float]) -> Any:
    """Draw a power spectrogram [shape=(bins, columns)] on an axis of matplotlib's.

    Parameters
    ----------
    loudest : float
        The power that is the top of the scale.
    extent : (float, float)
        Seconds and kHz that it reaches to.

    Returns
    -------
    object
        The image, for a colour bar.
    """
    return axis.imshow(
        relative_levels(power, loudest),
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=-RANGE,
        vmax=0,
        extent=(0, extent[0], 0, extent[1]),
    )


def spectrograms(
    separator: Separator, reader: Reader
) -> tuple[dict[str, NDArray[np.float32]], float]:
    """Return the power spectrograms of a recording and its parts, in bounded memory.

    Returns
    -------
    powers : dict of ndarray [shape=(bins, columns)]
        Of the mixture and of each part by name: means over channels and a column's frames.
    seconds : float
        How long the columns are together.
    """
    pictures = Spectrograms(separator.parts, reader.sample_rate)
    for parts in separator.stream(reader.blocks(), reader.sample_rate):
        pictures.put(parts)
    return pictures.finish(), pictures.seconds


def check_picture(picture: Path) -> None:
    """Refuse the name of a picture that would be of another kind than it says.

    Raises
    ------
    TicktoneError
    """
    if picture.suffix.lower() not in ("", ".", ".png", ".pdf", ".svg"):
        raise TicktoneError(
            f"pictures are PNG, PDF or SVG, not {picture.suffix}; name it {picture.stem}.png",
            picture,
        )


def save(figure: Any, picture: Path) -> None:
    """Write a figure of matplotlib's as PNG or, by the file's name, as PDF or SVG."""
    format = picture.suffix[1:].lower()
    if format not in ("pdf", "svg"):
        format = "png"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in another script
        write_whole(picture, lambda file: figure.savefig(file, format=format, dpi=100))
