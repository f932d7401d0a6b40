"""Scores on disk, as museval writes them: a folder a system, in it a JSON file a song.

The layout is that of SiSEC 2018 (`SYSTEM/test/SONG.json`), so that other tools load our results and
we load theirs. What the scores depended on is kept beside them under ``"ticktone"``, which other
tools pass over.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ticktone.errors import TicktoneError
from ticktone.evaluation.bss_eval import METRICS
from ticktone.evaluation.scores import Scores
from ticktone.parts import SOURCES
from ticktone.storage.atomic import write_whole

OURS = "ticktone"
_DAMAGES = (ValueError, LookupError, TypeError, AttributeError)  # what reading may then raise


def result_path(folder: Path, label: str, subset: str | None, song: str) -> Path:
    """Return the path of the scores of a song by a method."""
    safe = label.replace("/", "_")
    return folder / safe / (subset or "test") / f"{song}.json"


def write_scores(path: Path, scores: Scores, settings: Mapping[str, Any]) -> None:
    """Write the scores of one song, whole or not at all.

    Parameters
    ----------
    path : Path
        Its folders are made if need be.
    scores : Scores
    settings : mapping
        All that the scores depend on.

    Raises
    ------
    TicktoneError
        If the file cannot be written, or one is there that is not ours. A damaged one of ours, as
        after a full disk or a power cut, is replaced.
    """
    if path.exists() and not _is_ours(path):
        raise TicktoneError("is there already and not ours; choose another folder", path)
    targets = []
    for part, metrics in scores.values.items():
        frames = [
            {
                "time": round(index * scores.hop, 6),
                "duration": round(scores.window, 6),
                # museval's readers want all of its metrics, be they known or not
                "metrics": dict.fromkeys(METRICS, math.nan)
                | {name: float(values[index]) for name, values in metrics.items()},
            }
            for index in range(scores.windows)
        ]
        targets.append({"name": part, "frames": frames})
    content = {OURS: settings, "targets": targets}  # ours first, to be known by its beginning
    write_whole(path, lambda file: file.write(json.dumps(content, indent=1).encode()))


def read_kept_scores(path: Path, settings: Mapping[str, Any]) -> Scores | None:
    """Return scores that an earlier run wrote, if they depended on just the same settings.

    Returns
    -------
    Scores, optional
        None if there are none, or others, or the file is damaged.
    """
    try:
        content = json.loads(path.read_bytes())
        if content[OURS] != json.loads(json.dumps(settings)):
            return None
        scores = _scores(content)
    except (OSError, *_DAMAGES):
        return None
    whole = scores.values.keys() == set(SOURCES) and all(
        metrics.keys() >= set(METRICS) for metrics in scores.values.values()
    )
    return scores if whole else None


def read_published(path: Path) -> Scores:
    """Read the scores of one song in museval's format, whoever wrote them.

    Raises
    ------
    TicktoneError
        If the file cannot be read or is not in the format.
    """
    try:
        return _scores(json.loads(path.read_bytes()))
    except OSError as error:
        raise TicktoneError(f"I/O error: {error.strerror}", path) from None
    except _DAMAGES:
        raise TicktoneError("is not in museval's JSON format; remove it", path) from None


def _scores(content: Any) -> Scores:
    window = hop = 0.0
    values = {}
    for target in content["targets"]:
        frames = target["frames"]
        names = list(dict.fromkeys(name for frame in frames for name in frame["metrics"]))
        values[str(target["name"])] = {
            name: np.array([_number(frame["metrics"].get(name)) for frame in frames])
            for name in names
        }
        if frames:
            window = float(frames[0]["duration"])
            hop = float(frames[1]["time"] - frames[0]["time"]) if frames[1:] else window
    return Scores(values, window, hop)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _is_ours(path: Path) -> bool:
    """Return whether a file may be replaced: one that we wrote, damaged or not, or an empty one."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    try:
        return OURS in json.loads(content)
    except (ValueError, TypeError):
        said = b"".join(content.split())
        return not said.strip(b"\0") or said.startswith(f'{{"{OURS}":'.encode())
