from typing import Any

import pytest

from tests.corpus.studio import write_studio
from ticktone.corpus.bank import UNKNOWN, Licences, open_bank
from ticktone.errors import TicktoneError


@pytest.fixture
def studio(tmp_path):
    return write_studio(tmp_path)


def test_a_folder_of_kits_gives_each_and_a_kit_itself(studio):
    (studio.kits / "documents").mkdir()
    (studio.kits / "LICENCE").write_text("CC0")
    for given in (studio.kits, studio.kits / "tiny"):
        bank = open_bank([studio.soundfont], [given], [studio.instruments])
        assert [kit.name for kit in bank.kits] == ["tiny"]
    assert [instrument.name for instrument in bank.instruments] == ["bass_tiny"]


def test_the_first_licence_whose_pattern_matches_counts(studio):
    licences = Licences((("*sines*", "MIT"), ("*.sf2", "GPL"), ("*/kits/*", "CC0")))
    bank = open_bank([studio.soundfont], [studio.kits], [studio.instruments], licences)
    assert bank.soundfonts[0].licence == "MIT"
    assert bank.kits[0].licence == "CC0"


def test_a_kit_may_tell_its_own_licence(studio):
    listing = studio.kits / "tiny" / "drumkit.xml"
    for told, known in (("<license>CC-BY</license>", "CC-BY"), ("", UNKNOWN)):
        listing.write_text(
            f"<drumkit_info>{told}<instrumentList><instrument><name>Kick</name>"
            "<filename>kick_01.wav</filename></instrument></instrumentList></drumkit_info>"
        )
        assert open_bank([studio.soundfont], [studio.kits]).kits[0].licence == known


def test_a_damaged_kit_among_others_is_named(studio):
    damaged = studio.kits / "wooden"
    damaged.mkdir()
    (damaged / "drumkit.xml").write_text("<drumkit_info>")
    with pytest.raises(TicktoneError, match=r"wooden/drumkit\.xml: is damaged"):
        open_bank([studio.soundfont], [studio.kits])


def test_an_instrument_that_no_part_would_ask_for_is_named(studio):
    (studio.instruments / "bass_tiny").rename(studio.instruments / "kazoo")
    with pytest.raises(TicktoneError, match="'kazoo'; let its folder's name hold one of: bass,"):
        open_bank([studio.soundfont], instruments=[studio.instruments])


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"soundfonts": []}, "there is no SoundFont"),
        ({"soundfonts": ["none.sf2"]}, r"none\.sf2: there is no such SoundFont"),
        ({"kits": ["none"]}, "none: is not a folder; check the spelling"),
        ({"kits": ["empty"]}, "empty: holds no sound files"),
        ({"instruments": ["kits"]}, "kits: holds no sound files named as"),
    ],
)
def test_what_is_missing_is_told(studio, tmp_path, what, reason):
    (tmp_path / "empty").mkdir()
    sounds: dict[str, Any] = {"soundfonts": [studio.soundfont]}
    sounds |= {kind: [tmp_path / name for name in names] for kind, names in what.items()}
    with pytest.raises(TicktoneError, match=reason):
        open_bank(**sounds)
