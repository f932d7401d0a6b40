"""What somebody sees who sits at a terminal."""

import os
import re
import select
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty", reason="a Unix terminal")


@pytest.mark.slow
def test_bars_and_lines_do_not_get_in_each_others_way(song, tmp_path):
    first, last, none = song("first.wav"), song("last.wav"), tmp_path / "none.wav"
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ticktone", "separate", "-m", "median", first, none, last],
        **dict.fromkeys(("stdout", "stderr"), theirs),
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    )
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 100)[0]:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # nobody writes any more
            break
    os.close(ours)
    assert process.wait() == 1
    assert "━" in seen.decode()
    assert "of 3" in seen.decode()
    lines = re.split(r"[\r\n]+|\x1b\[2K", seen.decode())
    for beginning in (f"{first}: 0:", f"ticktone: {none}: ", f"{last}: 0:", "2 done, 1 failed"):
        assert any(line.startswith(beginning) for line in lines), seen
