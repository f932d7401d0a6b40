"""Box plots over songs, system beside system, in the manner of Lordelo et al. 2019, Figure 5."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ticktone.errors import TicktoneError
from ticktone.evaluation.estimators import FLOOR
from ticktone.evaluation.figures import ScoresBySong, song_medians
from ticktone.evaluation.table import SHOWN
from ticktone.spectrogram_plot import figure_class, save


def plot_boxes(
    ours: Mapping[str, ScoresBySong],
    published: Mapping[str, ScoresBySong],
    metrics: Sequence[str],
    picture: Path,
) -> None:
    """Draw a box for each system, metric and part: quartiles over songs, the highest SDR first.

    A song counts by the median of its windows. The whiskers reach to the farthest song within 1.5
    interquartile ranges of the box; other songs are points. The triangle is the mean. Ours are
    orange. The floor, which adds nothing of its own, has no box of SAR.

    Parameters
    ----------
    ours, published : mapping of mapping of Scores
        By system and song. Of the published ones, only songs that are among ours are drawn, and
        only parts that they have.
    metrics : sequence of str
        A row of the picture each.
    picture : Path
        PNG or, by its name, PDF or SVG.

    Raises
    ------
    TicktoneError
        If matplotlib is missing, the picture cannot be written, nothing has a score or a published
        system shares no song with us.
    """
    Figure = figure_class()
    songs = {song for scores in ours.values() for song in scores}
    systems = dict(ours)
    for name, scores in published.items():
        shared = {song: found for song, found in scores.items() if song in songs}
        if not shared:
            raise TicktoneError(
                f"the published results of {name} have no song of this data set, only "
                f"{next(iter(scores))} and the like; compare on the same songs"
            )
        systems[f"{name} (published)" if name in ours else name] = shared
    columns = {part: _ordered(systems, part) for part in SHOWN}
    columns = {part: names for part, names in columns.items() if names}
    if not columns:
        raise TicktoneError("nothing has a score, so there is nothing to draw")
    widths = [max(len(names), 3) for names in columns.values()]
    figure = Figure(figsize=(3 + 0.45 * sum(widths), 3 * len(metrics)), layout="constrained")
    axes = figure.subplots(len(metrics), len(columns), squeeze=False, width_ratios=widths)
    for index, (part, names) in enumerate(columns.items()):
        for axis, metric in zip(axes[:, index], metrics, strict=True):
            figures = {name: song_medians(systems[name], part, metric) for name in names}
            if metric == "SAR" and FLOOR in figures:
                figures[FLOOR] = {}  # some hundred dB, which would flatten all others
            _boxes(axis, figures, set(ours))
            axis.set_ylabel(f"{metric} (dB)")
        axes[0, index].set_title(part)
    save(figure, picture)


def _ordered(systems: Mapping[str, ScoresBySong], part: str) -> list[str]:
    medians = {
        name: float(np.median(list(found.values())))
        for name, scores in systems.items()
        if (found := song_medians(scores, part, "SDR"))
    }
    return sorted(medians, key=lambda name: -medians[name])


def _boxes(axis: Any, figures: Mapping[str, Mapping[str, float]], ours: set[str]) -> None:
    drawn = axis.boxplot(
        [list(found.values()) for found in figures.values()],
        patch_artist=True,
        showmeans=True,
        flierprops={"markersize": 3},
        medianprops={"color": "black"},
    )
    for name, box in zip(figures, drawn["boxes"], strict=True):
        box.set_facecolor("tab:orange" if name in ours else "lightgrey")
    axis.set_xticks(range(1, len(figures) + 1), list(figures), rotation=90, parse_math=False)
    axis.grid(axis="y", alpha=0.3)
