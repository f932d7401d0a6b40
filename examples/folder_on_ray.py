"""A folder on Ray.

The same call that does a folder on this computer does it on all machines of a Ray cluster:
`engine="ray"`, and `address=` if the cluster is not this computer's own. A manifest in Parquet
tells what became of each file, and a run that is stopped goes on where it was. One file here is no
sound file: it is told, and the rest is done. On the command line: `ticktone separate FOLDER
-o PARTS --engine ray`. Needs `pip install 'ticktone[ray]'` and Matplotlib for the picture.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.dataset
import soundfile
from matplotlib.figure import Figure

import ticktone

DEMO = Path(__file__).parent / "demo"


def write_songs(folder: Path) -> None:
    """Write four songs and one that is none."""
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    for number, piece in enumerate(np.array_split(audio[: 16 * rate], 4)):
        soundfile.write(folder / f"{number + 1}.flac", piece, rate)
    (folder / "broken.wav").write_text("this is no sound")


def main(folder: Path) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as place:
        songs, parts = Path(place, "songs"), Path(place, "parts")
        songs.mkdir()
        write_songs(songs)
        results = ticktone.separate_files([songs], parts, "median", engine="ray", jobs=2)
        states = {Path(result.source).name: result.status for result in results}
        manifest = pyarrow.dataset.dataset(parts / "manifest.parquet").to_table().to_pylist()
    for name, state in sorted(states.items()):
        print(name, state)

    rows = sorted(manifest, key=lambda row: row["source"])
    figure = Figure(figsize=(9, 3), layout="constrained")
    axis = figure.subplots()
    colours = ["tab:red" if row["status"] == "failed" else "steelblue" for row in rows]
    names = [Path(row["source"]).name for row in rows]
    axis.barh(names, [row["duration"] for row in rows], color=colours)
    for name, row in zip(names, rows, strict=True):
        axis.text(row["duration"] + 0.05, name, row["status"], va="center")
    axis.set(xlabel="seconds of music, from the manifest", xlim=(0, 5))
    axis.invert_yaxis()
    figure.savefig(folder / "folder_on_ray.png", dpi=100)
    return states


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
