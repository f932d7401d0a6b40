from pathlib import Path

import numpy as np

from ticktone.audio.reader import Reader


def names(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def read(path):
    with Reader(Path(path)) as reader:
        return np.concatenate(list(reader.blocks()), axis=-1)
