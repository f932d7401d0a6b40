"""Live, from a microphone or any other input.

    python examples/live.py --microphone harmonic

plays what comes in without its drums (or with `percussive`, its drums alone), until Ctrl-C. It
needs `pip install sounddevice`, whose wheels bring PortAudio on Windows and macOS (elsewhere
`apt-get install libportaudio2`), and headphones. No plug-in host is needed: a loopback input makes
it an effect for any program. Without `--microphone` the demo song comes in as it would from a sound
card, 512 samples at a time, and the picture shows how late the answers are.
"""

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.figure import Figure

import ticktone

DEMO = Path(__file__).parent / "demo"
RATE, BLOCK = 44_100, 512


def separator() -> ticktone.Separator:
    """Return the network for live use, which looks at no more than it must."""
    return ticktone.Separator("folded-3w-unet-causal")


def play(part: str) -> None:
    """Play one part of what the input hears."""
    try:
        import sounddevice
    except ImportError:
        sys.exit("live.py: this needs sounddevice; install it by: pip install sounddevice")
    except OSError as error:
        sys.exit(f"live.py: {error}; install it by: apt-get install libportaudio2")
    if part not in ticktone.parts.SOURCES:
        sys.exit(f"live.py: which part, harmonic or percussive? Not {part!r}")

    with sounddevice.Stream(samplerate=RATE, blocksize=BLOCK, channels=2) as sound:

        def arriving() -> Iterator[np.ndarray]:
            while True:
                block, _ = sound.read(BLOCK)  # (samples, channels)
                yield block.T

        for parts in separator().stream(arriving(), RATE):
            sound.write(np.ascontiguousarray(getattr(parts, part).T))


def main(folder: Path) -> tuple[float, float]:
    audio, _ = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    audio = np.ascontiguousarray(audio.T[:, : 10 * RATE])
    taken, lateness, drums = 0, [], []

    def arriving() -> Iterator[np.ndarray]:
        nonlocal taken
        for start in range(0, audio.shape[1], BLOCK):
            taken += BLOCK
            yield audio[:, start : start + BLOCK]

    began = time.perf_counter()
    for parts in separator().stream(arriving(), RATE):
        drums.append(parts.percussive)
        given = sum(block.shape[1] for block in drums)
        lateness.append((taken - given + parts.percussive.shape[1]) / RATE)
    speed = 10 / (time.perf_counter() - began)
    late = max(lateness[20:-1])  # at its very beginning a stream is listened to a little longer
    print(f"the method holds back {1000 * separator().latency(RATE):.0f} ms")
    print(f"in blocks of {BLOCK}, answers come at most {1000 * late:.0f} ms after their samples")

    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots(2, sharex=True, sharey=True)
    seconds = np.arange(3 * RATE) / RATE + 5
    sounds = {"in": audio, "out: percussive": np.concatenate(drums, axis=1)}
    for axis, (name, sound) in zip(axes, sounds.items(), strict=True):
        axis.plot(seconds, sound[0, 5 * RATE : 8 * RATE], linewidth=0.4)
        axis.set_title(name)
    axes[-1].set_xlabel("seconds")
    figure.savefig(folder / "live.png", dpi=100)
    return late, speed


if __name__ == "__main__":
    if "--microphone" in sys.argv:
        with contextlib.suppress(KeyboardInterrupt):
            play(sys.argv[-1])
    else:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
