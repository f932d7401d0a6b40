"""A user's script with every public name; type checkers read it, and nobody runs it."""

from collections.abc import Iterator
from typing import assert_type

import numpy as np
import numpy.typing as npt

import ticktone
from ticktone.methods.base import Method

Sound = npt.NDArray[np.float32]

audio: Sound = np.zeros((2, 44_100), np.float32)
double: npt.NDArray[np.float64] = np.zeros(44_100)
rate = 44_100

# By name: two parts, or three, as the method and its options say.
harmonic, percussive = ticktone.separate(audio, rate)
assert_type(harmonic, Sound)
harmonic, percussive = ticktone.separate(audio, rate, "nmf", iterations=10, phase="pu-hpss")
harmonic, percussive = ticktone.separate(audio, rate, "median", power=1.0, threads=2)
harmonic, percussive = ticktone.separate(audio, rate, "hpr", beta=3.0, residual=False)
harmonic, percussive, residual = ticktone.separate(audio, rate, "hpr")
harmonic, percussive, residual = ticktone.separate(audio, rate, method="hpr", residual=True)
assert_type(ticktone.separate(double, rate).percussive, npt.NDArray[np.float64])
assert_type(
    ticktone.separate(audio, rate, "median", margin=2.0),
    ticktone.Separation[Sound] | ticktone.SeparationWithResidual[Sound],
)


def by_any_name(name: str, method: Method) -> ticktone.Separation | None:
    """Names that are not known before, and methods of one's own, may leave a residual."""
    print(ticktone.separate(audio, rate, method).harmonic.shape)
    parts = ticktone.separate(audio, rate, name, phase="pu-hpss")
    if isinstance(parts, ticktone.SeparationWithResidual):
        print(parts.residual.max())
        return None
    return parts


louder: Sound = ticktone.remix(audio, rate, percussive=-6.0, harmonic=3.0, method="median")

separator = ticktone.Separator(threads=1)
harmonic, percussive = separator.separate(audio, rate)
three = ticktone.Separator("hpr", beta=2.5)
harmonic, percussive, residual = three.separate(audio, rate)
anything: ticktone.Separator = separator
assert_type(anything.parts, tuple[str, ...])


def blocks() -> Iterator[Sound]:
    """Return a recording in blocks."""
    yield audio


for harmonic, percussive in separator.stream(blocks(), rate, step=2.0**-15):
    print(harmonic.shape, percussive.shape)
for harmonic, percussive, residual in three.stream([audio], rate):
    print(harmonic.shape, percussive.shape, residual.shape)
for parts in anything.stream([audio], rate):
    print(parts.percussive.shape)

first, second = ticktone.hpss(audio, margin=(1.0, 2.0), kernel_size=17)
first, second = ticktone.hpss(S=np.abs(np.zeros((513, 9))), mask=True, power=np.inf)
alone = ticktone.harmonic(double), ticktone.percussive(double, margin=3.0)

try:
    result: ticktone.FileResult = ticktone.separate_file("song.flac", "parts", "median", margin=2)
    print(result.outputs["percussive"], result.status)
    for result in ticktone.separate_files(["album"], "parts", jobs=2):
        print(result.source, result.error)
    for result in ticktone.remix_files(["album"], {"percussive": -6.0}, "parts"):
        print(result.source)
    slower = ticktone.stretch(audio, rate, 0.8, pitch=-2.0)
    print(slower.shape)
except ticktone.TicktoneError as error:
    print(error.cause, error.path)

names: tuple[str, ...] = ticktone.methods()
version: str = ticktone.__version__
