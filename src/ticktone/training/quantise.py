"""Quantisation: networks that compute in eight-bit integers, smaller and faster on processors."""

import tempfile
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ticktone.datasets import Song
from ticktone.errors import TicktoneError
from ticktone.stft import STFT
from ticktone.training.excerpt import excerpt, length_at_rate, resampling_step

FRAMES = 192  # of each song's middle
SONGS = 16

Magnitude = NDArray[np.float32]


def quantise(content: bytes, magnitudes: Iterable[Magnitude]) -> bytes:
    """Return a network with quantised convolutions, by ONNX Runtime's static quantisation.

    Weights get a scale for each map, and seven bits: so the sums of two products fit the sixteen
    that processors without VNNI have for them. The activations' scales are what `magnitudes` show.

    Parameters
    ----------
    content : bytes
        Of an .onnx file that takes a magnitude.
    magnitudes : iterable of ndarray [shape=(1, channels, bins, frames)]
        Of music like that which it is for.

    Returns
    -------
    bytes
        Of the quantised .onnx file.

    Raises
    ------
    TicktoneError
        If there are no magnitudes.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class CalibrationInputs(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.inputs = iter([{"magnitude": magnitude} for magnitude in magnitudes])

        def get_next(self) -> dict[str, Magnitude] | None:
            return next(self.inputs, None)

    magnitudes = list(magnitudes)
    if not magnitudes:
        raise TicktoneError("there is no song to see the range of values by")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        prepared, quantised = Path(folder, "prepared.onnx"), Path(folder, "quantised.onnx")
        model = onnx.load_from_string(content)
        quant_pre_process(model, str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(quantised),
            CalibrationInputs(),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,  # with which ReLU is joined to what is before it
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv", "MaxPool", "Concat"],
        )
        return quantised.read_bytes()


def magnitudes_of(
    songs: Iterable[Song], stft: STFT, sample_rate: int, channels: int = 1
) -> Iterator[Magnitude]:
    """Compute the magnitudes of the middles of at most `SONGS` songs' mixtures.

    Parameters
    ----------
    songs : iterable of Song
    stft : STFT
    sample_rate : int
        Hz, of the STFT.
    channels : int
        All of which are the same.

    Yields
    ------
    ndarray [shape=(1, channels, bins, frames)]
    """
    songs = list(songs)
    samples = (FRAMES - 1) * stft.hop_length + stft.size
    for song in songs[:: -(-len(songs) // SONGS) or 1]:
        step = resampling_step(song, sample_rate)
        start = max(0, length_at_rate(song, sample_rate) - samples) // 2
        sound = excerpt(song, "mixture", round(start * step), samples, step)
        magnitude = np.abs(stft.transform(sound[np.newaxis]))
        yield np.repeat(magnitude[np.newaxis], channels, axis=1)
