import os
from pathlib import Path

import numpy as np

from ticktone.audio.reader import Reader


def names(folder):
    """List the files below a folder, of which others may vanish meanwhile."""
    found = (Path(root, file) for root, _, files in os.walk(folder) for file in files)
    return sorted(str(path.relative_to(folder)) for path in found if path.is_file())


def read(path):
    with Reader(Path(path)) as reader:
        return np.concatenate(list(reader.blocks()), axis=-1)
