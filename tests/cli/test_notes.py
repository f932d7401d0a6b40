"""Lines that are no results: notes, and what libraries write to standard output."""

import json
import subprocess
import sys

import pytest


def unfinished(path):
    data = bytearray(path.read_bytes())
    data[40:44] = bytes(4)  # the length that a recorder would have written at its end
    path.write_bytes(data)
    return path


def test_notes_are_lines_of_standard_error_and_part_of_the_result(song, run, tmp_path):
    folder = unfinished(song("in/a.wav", 0.2)).parent
    (folder / "cover.jpg").touch()
    done = run("separate", folder, "-m", "median", "-o", tmp_path / "out", "--json")
    assert done.returncode == 0
    result = json.loads(done.stdout)
    note = "its header was never finished; read to the end of the file"
    assert result["notes"] == [note]
    assert done.stderr.splitlines() == [
        f"ticktone: {folder}: passed over 1 .jpg",
        f"ticktone: {folder}/a.wav: {note}",
    ]


PROGRAM = """
import os, subprocess
from ticktone.cli.output import results_alone
with results_alone() as out:
    os.write(1, b"a library in C\\n")
    print("a library in Python")
    subprocess.run(["echo", "a process"])
    print("a result", file=out)
print("what follows")
"""


@pytest.mark.slow
def test_standard_output_is_for_results_alone():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout == "a result\nwhat follows\n"
    assert sorted(done.stderr.splitlines()) == [
        "a library in C",
        "a library in Python",
        "a process",
    ]
