"""The table of results, in the layout of Lordelo et al. 2019, Table 1, in four notations."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ticktone.parts import SOURCES

FORMATS = ("terminal", "markdown", "latex", "csv")
SHOWN = SOURCES[::-1]  # tables and plots have the percussive part first, as the papers' have


@dataclass(frozen=True)
class Column:
    """A column: the part, the metric, and how its numbers are written."""

    part: str
    metric: str
    digits: int = 2


@dataclass(frozen=True)
class Row:
    """A method and its figures; `ranked` if it competes for the best."""

    label: str
    figures: tuple[float, ...]
    ranked: bool = True


@dataclass(frozen=True)
class Table:
    """Figures of methods.

    Parameters
    ----------
    columns : tuple of Column
        Those of one part beside one another.
    rows : tuple of Row
        NaN stands for no figure.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def best(self) -> tuple[float, ...]:
        """Return the highest figure of each column, as written, or NaN."""
        found = []
        for index, column in enumerate(self.columns):
            figures = [round(row.figures[index], column.digits) for row in self.rows if row.ranked]
            known = [value for value in figures if not np.isnan(value)]
            found.append(max(known) if len(known) > 1 else float("nan"))
        return tuple(found)


def render(table: Table, notation: str) -> str:
    """Return a table as text.

    Parameters
    ----------
    table : Table
    notation : {"terminal", "markdown", "latex", "csv"}
        The best figures of the methods are bold in Markdown and LaTeX; CSV has all digits.

    Returns
    -------
    str
        Without a newline at its end.

    Raises
    ------
    ValueError
        If there is no such notation.
    """
    writers = dict(zip(FORMATS, (_terminal, _markdown, _latex, _csv), strict=True))
    if notation not in writers:
        raise ValueError(f"notation must be one of {', '.join(FORMATS)}, not {notation!r}")
    return writers[notation](table)


def _groups(columns: Sequence[Column]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for column in columns:
        counts[column.part] = counts.get(column.part, 0) + 1
    return counts


def _words(table: Table, bold: str = "{}", nothing: str = "-") -> list[list[str]]:
    best = table.best()
    lines = []
    for row in table.rows:
        words = [row.label]
        for column, value, top in zip(table.columns, row.figures, best, strict=True):
            rounded = round(value, column.digits) + 0.0  # no minus zero
            word = nothing if np.isnan(value) else f"{rounded:.{column.digits}f}"
            is_best = row.ranked and rounded == top
            words.append(bold.format(word) if is_best else word)
        lines.append(words)
    return lines


def _terminal(table: Table) -> str:
    heads = ["", *(column.metric for column in table.columns)]
    lines = [heads, *_words(table)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(heads))]
    group_line, index = " " * widths[0], 1
    for part, count in _groups(table.columns).items():
        widths[index] = max(widths[index], len(part) - sum(widths[index + 1 : index + count]))
        width = sum(widths[index : index + count]) + 2 * (count - 1)
        group_line += "   " + part.ljust(width)
        index += count
    written = [group_line.rstrip()]
    first = _first_of_groups(table)
    for line in lines:
        text = line[0].ljust(widths[0])
        for index, word in enumerate(line[1:], 1):
            text += ("   " if index in first else "  ") + word.rjust(widths[index])
        written.append(text.rstrip())
    return "\n".join(written)


def _first_of_groups(table: Table) -> set[int]:
    parts = [column.part for column in table.columns]
    return {index + 1 for index, part in enumerate(parts) if part not in parts[:index]}


def _markdown(table: Table) -> str:
    heads = ["", *(f"{column.part} {column.metric}" for column in table.columns)]
    lines = [heads, ["---", *("---:" for _ in table.columns)], *_words(table, "**{}**")]
    lines[2:] = [[line[0].replace("|", r"\|"), *line[1:]] for line in lines[2:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _latex(table: Table) -> str:
    groups = _groups(table.columns)
    spans = "".join(
        f" & \\multicolumn{{{count}}}{{c}}{{{part.capitalize()}}}" for part, count in groups.items()
    )
    heads = "".join(f" & {_escaped(column.metric)}" for column in table.columns)
    body = [
        " & ".join([_escaped(line[0]), *line[1:]]) + r" \\"
        for line in _words(table, r"\textbf{{{}}}", "--")
    ]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{l{'r' * len(table.columns)}}}",
            r"\hline",
            rf"{spans[1:]} \\",
            rf"Model{heads} \\",
            r"\hline",
            *body,
            r"\hline",
            r"\end{tabular}",
        ]
    )


def _escaped(text: str) -> str:
    return "".join(rf"\{sign}" if sign in "#$%&_{}" else sign for sign in text)


def _csv(table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["method", *(f"{column.part} {column.metric}" for column in table.columns)])
    for row in table.rows:
        values = ["" if np.isnan(value) else f"{value:.6g}" for value in row.figures]
        writer.writerow([row.label, *values])
    return text.getvalue().rstrip("\n")
