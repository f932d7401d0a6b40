import xml.etree.ElementTree as ElementTree
import zlib
from collections import Counter

import numpy as np
import pytest

from tests.corpus.lmms_project import track, write_project
from ticktone.corpus.classification import classify
from ticktone.corpus.lmms import program
from ticktone.corpus.lmms.factory import hint
from ticktone.corpus.lmms.lmms_song import LmmsSong
from ticktone.corpus.lmms.project import Project, Track
from ticktone.errors import TicktoneError

RATE = 44_100


def muted(content: bytes) -> list[bool]:
    """Return of each track that sounds, in the file's order, whether it is muted."""
    tracks = ElementTree.fromstring(content).iter("track")
    return [track.get("muted") == "1" for track in tracks if track.get("type", "") in "02"]


@pytest.mark.parametrize("name", ["a.mmp", "a.mmpz"])
def test_a_project_tells_its_tracks(tmp_path, name):
    path = write_project(
        tmp_path / name,
        track("lead", "tripleoscillator", [60, 62, 60]),
        track("empty", "tripleoscillator", []),
        track("off", "tripleoscillator", [60], muted=True),
        group=[track("kick", "audiofileprocessor", [57], sample="drums/kick01.ogg")],
    )
    lead, kick = Project(path).tracks
    assert lead == Track(1, "lead", "tripleoscillator", (), Counter({60: 2, 62: 1}))
    assert kick == Track(4, "kick", "audiofileprocessor", ("drums/kick01.ogg",), Counter({57: 1}))


def test_tracks_of_a_muted_group_do_not_play(tmp_path):
    drums = [track("kick", "kicker", [57])]
    lead = track("lead", "tripleoscillator", [60])
    path = write_project(tmp_path / "a.mmp", lead, group=drums, group_muted=True)
    assert [each.name for each in Project(path).tracks] == ["lead"]


def test_all_tracks_but_those_asked_for_are_muted(tmp_path):
    project = Project(
        write_project(
            tmp_path / "a.mmp",
            track("lead", "tripleoscillator", [60], solo=True),
            track("off", "tripleoscillator", [60], muted=True),
            group=[track("kick", "kicker", [57]), track("snare", "kicker", [57])],
        )
    )
    assert muted(project.only([1, 2, 3, 4])) == [False, True, False, False]
    assert muted(project.only([4])) == [True, True, True, False]
    assert b'solo="1"' not in project.only([1])
    assert muted(project.only([1])) == [False, True, True, True]  # it does not change itself


@pytest.mark.parametrize(
    "content",
    [b"", b"junk", b"<lmms-project><track>", b"<html/>", b"\0\0\1\0" + zlib.compress(b"<a/>")],
)
def test_what_is_no_project_is_refused(tmp_path, content):
    (tmp_path / "a.mmpz").write_bytes(content)
    with pytest.raises(TicktoneError, match=r"a\.mmpz: is not a project of LMMS, or is damaged"):
        Project(tmp_path / "a.mmpz")


@pytest.mark.parametrize(
    ("plugin", "sample", "keys", "part"),
    [
        ("audiofileprocessor", "drums/kick01.ogg", [57], "percussive"),
        ("audiofileprocessor", "drums/undefined01.ogg", [57], "percussive"),
        ("audiofileprocessor", "drumsynth/misc_perc/weird_1.ds", [57], "percussive"),
        ("audiofileprocessor", "drumsynth/misc_fx/ufo_buzz.ds", [57], None),
        ("audiofileprocessor", "drums/zap03.ogg", [57], None),
        ("audiofileprocessor", "basses/rave01.ogg", [57], "harmonic"),
        ("audiofileprocessor", "latin/latin_brass01.ogg", [57], "harmonic"),
        ("audiofileprocessor", "mine/thing.wav", [57], None),
        ("kicker", None, [57], "percussive"),
        ("kicker", None, [57, 60, 62], None),
        ("zynaddsubfx", None, [57, 60, 62], "harmonic"),
        ("zynaddsubfx", None, [57], None),
    ],
)
def test_samples_and_plugins_tell_a_part(tmp_path, plugin, sample, keys, part):
    path = write_project(tmp_path / "a.mmp", track("Default preset", plugin, keys, sample=sample))
    (found,) = Project(path).tracks
    assert hint(found)[0] == part


def test_a_program_that_is_missing_is_named(tmp_path, monkeypatch):
    path = write_project(tmp_path / "a.mmp", track("lead", "tripleoscillator", [60]))
    program.executable.cache_clear()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TicktoneError, match="need the program lmms, which is not installed"):
        LmmsSong(path)


@pytest.mark.parametrize(
    ("plugin", "sample", "reason"),
    [
        ("vestige", None, r"needs other programs' plugins \(vestige\); leave it out"),
        ("audiofileprocessor", "drums/none.ogg", r"lacks the sample drums/none\.ogg"),
    ],
)
@pytest.mark.program("lmms")
def test_what_lmms_would_leave_out_is_refused(tmp_path, plugin, sample, reason):
    path = write_project(tmp_path / "a.mmp", track("x", plugin, [60], sample=sample))
    with pytest.raises(TicktoneError, match=reason):
        LmmsSong(path)


@pytest.mark.program("lmms")
def test_tracks_are_rendered_without_the_others(tmp_path):
    path = write_project(
        tmp_path / "a.mmp",
        track("lead", "tripleoscillator", [60, 64, 67]),
        track("thump", "kicker", [57]),
    )
    before = set(tmp_path.iterdir())
    with LmmsSong(path) as song:
        lead, thump = song.players
        assert [classify(player.evidence).part for player in (lead, thump)] == [
            "harmonic",
            "percussive",
        ]
        assert song.sources[0].startswith("LMMS 1.")
        both, first, second = (song.play(which, RATE) for which in ([1, 2], [1], [2]))
        slow = song.play([1], RATE // 2)
    assert set(tmp_path.iterdir()) == before
    assert abs(first).max() > 0.01
    assert abs(second).max() > 0.01
    assert first.shape[0] == 2
    length = min(sound.shape[1] for sound in (both, first, second))
    # Its oscillators begin at phases of their own, so that levels are compared
    sums = np.square(first[:, :length] + second[:, :length]).mean()
    assert sums == pytest.approx(np.square(both[:, :length]).mean(), rel=0.2)
    assert slow.shape[1] == pytest.approx(first.shape[1] / 2, abs=2)


@pytest.mark.program("lmms")
def test_a_project_that_lmms_cannot_render_is_told(tmp_path):
    with pytest.raises(TicktoneError, match="LMMS failed"):
        program.render(b"junk", RATE)
