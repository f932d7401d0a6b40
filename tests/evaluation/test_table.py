import csv
import io

import pytest

from ticktone.evaluation.table import Column, Row, Table, render

TABLE = Table(
    (Column("percussive", "SDR"), Column("percussive", "% of way", 0), Column("harmonic", "SDR")),
    (
        Row("gain", (1.0, 0.0, 20.0), ranked=False),
        Row("a_b", (-0.001, 49.6, float("nan"))),
        Row("c|d", (2.345, 50.4, 9.0)),
    ),
)


def test_terminal():
    assert render(TABLE, "terminal").split("\n") == [
        "       percussive       harmonic",
        "        SDR  % of way        SDR",
        "gain   1.00         0      20.00",
        "a_b    0.00        50          -",
        "c|d    2.35        50       9.00",
    ]


def test_markdown_has_the_best_in_bold():
    lines = render(TABLE, "markdown").split("\n")
    assert lines[0] == "|  | percussive SDR | percussive % of way | harmonic SDR |"
    assert lines[1] == "| --- | ---: | ---: | ---: |"
    assert lines[2] == "| gain | 1.00 | 0 | 20.00 |"
    assert lines[3] == "| a_b | 0.00 | **50** | - |"
    assert lines[4] == r"| c\|d | **2.35** | **50** | 9.00 |"  # one alone is not the best


def test_latex_can_be_set():
    lines = render(TABLE, "latex").split("\n")
    assert lines[0] == r"\begin{tabular}{lrrr}"
    assert lines[2] == r"& \multicolumn{2}{c}{Percussive} & \multicolumn{1}{c}{Harmonic} \\"
    assert lines[3] == r"Model & SDR & \% of way & SDR \\"
    assert lines[6] == r"a\_b & 0.00 & \textbf{50} & -- \\"
    assert lines[-1] == r"\end{tabular}"


def test_csv_can_be_read():
    rows = list(csv.DictReader(io.StringIO(render(TABLE, "csv"))))
    assert [row["method"] for row in rows] == ["gain", "a_b", "c|d"]
    assert float(rows[2]["percussive SDR"]) == 2.345
    assert rows[1]["harmonic SDR"] == ""


def test_there_is_no_other_notation():
    with pytest.raises(ValueError, match="one of terminal, markdown, latex, csv, not 'html'"):
        render(TABLE, "html")
