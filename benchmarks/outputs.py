"""Check sums of what every method and model makes of songs, to compare before and after a change.

    python benchmarks/outputs.py > before.txt               # of the demo song
    python benchmarks/outputs.py song.wav --seconds 20 > before.txt    # and of the start of another
    python benchmarks/outputs.py --against before.txt       # ... after the change

Each line is a song, a method, a part and the SHA-256 of its samples (float32, channel by channel).
Compared are the lines that both listings have; exit code 1 if any differs, or if there are none.
Only listings of one machine can be compared: processors differ in the last bits.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

import ticktone

DEMO = Path(__file__).parents[1] / "examples" / "demo" / "demo.ogg"
Line = tuple[str, str, str, str]


def check_sums(song: Path, seconds: float | None, names: list[str]) -> Iterator[Line]:
    """Separate a song by each method in turn."""
    with soundfile.SoundFile(song) as file:
        frames = -1 if seconds is None else round(seconds * file.samplerate)
        audio = file.read(frames, dtype="float32", always_2d=True).T
        sample_rate = file.samplerate
    for name in names:
        parts = ticktone.separate(audio, sample_rate, name)
        for part, samples in parts._asdict().items():
            if samples is not None:
                data = np.ascontiguousarray(samples, "<f4").tobytes()
                yield song.name, name, part, hashlib.sha256(data).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("songs", nargs="*", type=Path, default=[], help="beside the demo song")
    parser.add_argument("--methods", nargs="+", default=ticktone.methods(), metavar="NAME")
    parser.add_argument("--seconds", type=float, help="of each song's start; default: all")
    parser.add_argument("--against", type=Path, metavar="FILE", help="an earlier listing")
    wanted = parser.parse_args()
    before: dict[str, str] = {}
    if wanted.against is not None:
        rows = (line.rpartition("\t") for line in wanted.against.read_text().splitlines())
        before = {key: digest for key, _, digest in rows}
    compared = differing = 0
    for song in (DEMO, *wanted.songs):
        for *key, digest in check_sums(song, wanted.seconds, wanted.methods):
            name = "\t".join(key)
            if wanted.against is None:
                print(name, digest, sep="\t", flush=True)
            elif name in before:
                compared += 1
                if before[name] != digest:
                    differing += 1
                    print(f"differs: {name}", flush=True)
    if wanted.against is not None:
        print(f"{compared} compared, {differing} differ")
        sys.exit(differing > 0 or not compared)


if __name__ == "__main__":
    main()
