import ctypes

import numpy as np
import pytest

from tests.corpus.tracker import ROW_SECONDS, write_module, write_song
from ticktone.corpus.modules import libopenmpt
from ticktone.corpus.modules.libopenmpt import Module
from ticktone.corpus.modules.module_song import ModuleSong
from ticktone.errors import TicktoneError

needed = pytest.mark.library("openmpt")
RATE = 22_050


@needed
def test_a_module_tells_its_instruments_and_what_they_play(tmp_path):
    with Module(write_song(tmp_path / "a.mod", title="A song")) as module:
        assert module.title == "A song"
        assert module.names()[:3] == ["lead", "snare", ""]
        lead, snare, *others = module.notes()
        assert sorted(lead.values()) == [1, 1, 1, 1]
        assert list(snare.values()) == [4]
        assert not any(others)
        assert module.seconds == pytest.approx(16 * ROW_SECONDS, abs=0.01)


@needed
def test_notes_without_an_instrument_are_the_channels_last(tmp_path):
    path = write_song(tmp_path / "a.mod")
    content = bytearray(path.read_bytes())
    second = 1084 + 4 * 16  # row 4, channel 0
    content[second + 2] &= 0x0F
    path.write_bytes(content)
    with Module(path) as module:
        assert module.notes()[0].total() == 4


@needed
def test_instruments_play_without_the_others(tmp_path):
    with Module(write_song(tmp_path / "a.mod")) as module:
        both, lead, snare, none = (module.play(numbers, RATE) for numbers in ([0, 1], [0], [1], []))
    assert both.shape == lead.shape == snare.shape
    assert both.shape == (2, pytest.approx(16 * ROW_SECONDS * RATE, abs=0.2 * RATE))  # and a tail
    assert not none.any()
    np.testing.assert_allclose(lead + snare, both, atol=1e-4)
    silent = slice(0, int(1.9 * ROW_SECONDS * RATE))  # the drum begins with the third row
    assert not snare[:, silent].any()
    assert abs(lead[:, silent]).max() > 0.05
    assert abs(snare).max() > 0.05


@needed
def test_a_module_as_an_arrangement(tmp_path):
    with ModuleSong(write_song(tmp_path / "a.mod", title="mine")) as song:
        assert [player.number for player in song.players] == [1, 2]
        lead, snare = (player.evidence for player in song.players)
        assert (lead.name, lead.pitches, snare.pitches) == ("lead", 4, 1)
        assert lead.sound().flatness < 0.05 < snare.sound().flatness
        assert song.texts == ["mine"]
        assert song.sources[0].startswith("libopenmpt 0.")


@needed
@pytest.mark.parametrize("content", [b"", b"junk" * 500], ids=["empty", "junk"])
def test_what_is_no_module_is_refused(tmp_path, content):
    (tmp_path / "a.xm").write_bytes(content)
    with pytest.raises(TicktoneError, match=r"a\.xm: is not a tracker module, or is damaged"):
        Module(tmp_path / "a.xm")
    with pytest.raises(TicktoneError, match=r"b\.xm: cannot be read: No such file"):
        Module(tmp_path / "b.xm")


@needed
def test_a_module_without_notes_plays_nothing(tmp_path):
    with ModuleSong(write_module(tmp_path / "a.mod", {}, [], rows=2)) as song:
        assert song.players == []
        assert not song.play([1], RATE).any()


def test_without_the_library(tmp_path, monkeypatch):
    def fail(name):
        raise OSError(name)

    libopenmpt._library.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", fail)
    with pytest.raises(TicktoneError, match="need the library libopenmpt, which is not installed"):
        Module(tmp_path / "a.mod")
