"""What ticktone tells through `logging`."""

import logging

import numpy as np
import pytest
import soundfile

import ticktone


def test_files_and_networks_are_told_of(tmp_path, caplog):
    soundfile.write(tmp_path / "a.wav", np.zeros(9000), 44_100)
    with caplog.at_level(logging.DEBUG, "ticktone"):
        ticktone.separate_file(tmp_path / "a.wav", method="unet")
    assert {record.name for record in caplog.records} == {"ticktone"}
    told = {record.levelname: record.getMessage() for record in caplog.records}
    assert "unet.onnx" in told["DEBUG"]
    assert "a.wav: done by unet in" in told["INFO"]


def test_no_handler_and_no_level_are_set():
    logger = logging.getLogger("ticktone")
    assert logger.handlers == []
    assert logger.level == logging.NOTSET


@pytest.mark.slow
def test_two_threads_write_the_same_files_and_leave_none_when_ended(tmp_path):
    noise = np.random.default_rng(0).standard_normal((44_100 * 14, 2)) / 8
    soundfile.write(tmp_path / "a.wav", noise, 44_100)
    for threads in (1, 2):
        ticktone.separate_file(
            tmp_path / "a.wav", tmp_path / str(threads), "median", threads=threads
        )
    for path in (tmp_path / "1").iterdir():
        assert path.read_bytes() == (tmp_path / "2" / path.name).read_bytes()
