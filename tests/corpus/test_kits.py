from pathlib import Path

import numpy as np
import pytest
import soundfile

from ticktone.corpus.kits import Kit, complete, piece_for, read_kit, variant
from ticktone.corpus.pieces import ESSENTIAL, KEYS, piece_named
from ticktone.corpus.samples import Sample
from ticktone.errors import TicktoneError

RATE = 8000


def write(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        soundfile.write(folder / name, np.full(80, 0.1), RATE)
    return folder


def hydrogen(folder: Path, instruments: str, head: str = "", root: str = "<drumkit_info>") -> Path:
    text = f"{root}{head}<instrumentList>{instruments}</instrumentList></drumkit_info>"
    (folder / "drumkit.xml").write_text(text)
    return folder


def names(layers):
    return [[sample.path.stem for sample in layer] for layer in layers]


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("Kick 1", "kick"),
        ("BassDrum", "kick"),
        ('Snare Rimshot (Maple 14x3.5, edge")', "snare_rim"),
        ("Rim Click", "sidestick"),
        ("c#3 - stick", "sidestick"),
        ("snare_edge", "snare_edge"),
        ("Closed HH", "hat_closed"),
        ("Pedal HH", "hat_foot"),
        ("Side OHH", "hat_open"),
        ("Hi-Hat Semiopen", "hat_half"),
        ("hat_elec_cymbal", "hat_closed"),
        ("crash_drum_splash", "splash"),
        ("Crash/Ride", "crash"),
        ("Ride Cymbal", "ride"),
        ("ride_left_bell", "ride_bell"),
        ("Cow Bell", "cowbell"),
        ("tomhi2", "tom_high"),
        ("Tom 2", "tom_mid"),
        ("tom_4_floor", "tom_low"),
        ("Fuzz Tom", "tom_mid"),
        ("Woodblock Hi", "woodblock_high"),
        ("Woodblock Lo", "woodblock_low"),
        ("percussion_body_handclap", "clap"),
        ("percussion_elec_triangle", "triangle"),
        ("percussion_tabla_ghe1", "tabla_low"),
        ("Zap 1", None),
        ("17", None),
        ("", None),
    ],
)
def test_makers_names_of_pieces_are_understood(name, piece):
    assert piece_named(name) == piece


def test_ranked_one_shots_become_layers_from_soft_to_loud(tmp_path):
    files = [f"snare_{rank:02}.wav" for rank in range(1, 9)]
    kit = read_kit(write(tmp_path / "wooden", *files), "CC0")
    layers = kit.pieces["snare"]
    assert [name for layer in names(layers) for name in layer] == [file[:-4] for file in files]
    assert [len(layer) for layer in layers] == [2, 3, 3]
    assert (kit.name, kit.licence, kit.spares) == ("wooden", "CC0", {})


def test_hands_are_takes_of_one_sound_and_sorted_by_rank_with_each_other(tmp_path):
    write(tmp_path, *(f"snare_{hand}_{rank:02}.wav" for hand in ("lh", "rh") for rank in (1, 2, 3)))
    layers = read_kit(tmp_path).pieces["snare"]
    assert names(layers) == [
        ["snare_lh_01", "snare_rh_01", "snare_lh_02"],
        ["snare_rh_02", "snare_lh_03", "snare_rh_03"],
    ]


def test_other_ways_of_playing_are_pieces_of_their_own(tmp_path):
    write(tmp_path, "snare_01.wav", "snare_edge_01.wav", "hat_open_01.wav", "hat_foot_01.wav")
    assert set(read_kit(tmp_path).pieces) == {"snare", "snare_edge", "hat_open", "hat_foot"}


def test_left_and_right_cymbals_are_two_cymbals(tmp_path):
    kit = read_kit(write(tmp_path, "crash_left_01.wav", "crash_right_01.wav"))
    assert names(kit.pieces["crash"]) == [["crash_left_01"]]
    assert [names(layers) for layers in kit.spares["crash"]] == [[["crash_right_01"]]]


def test_soft_and_hard_are_layers(tmp_path):
    kit = read_kit(write(tmp_path, "snare_drum_hard.wav", "snare_drum_soft.wav"))
    assert names(kit.pieces["snare"]) == [["snare_drum_soft"], ["snare_drum_hard"]]


def test_a_variant_keeps_one_sound_of_each_piece_drawn_by_seed(tmp_path):
    kinds = "abcdefgh"
    write(tmp_path, *(f"kick_{kind}.wav" for kind in kinds), *(f"snare_{k}.wav" for k in kinds))
    kit = read_kit(tmp_path)

    def drawn(seed):
        one = variant(kit, np.random.default_rng(seed))
        assert one.spares == {}
        return tuple(names(one.pieces[piece])[0][0] for piece in ("kick", "snare"))

    assert drawn(1) == drawn(1)
    assert {kick for kick, _ in map(drawn, range(99))} == {f"kick_{kind}" for kind in kinds}


def test_files_that_say_nothing_are_left_out_and_a_folder_without_others_is_told(tmp_path):
    write(tmp_path, "noise_zap.wav")
    (tmp_path / "kick_01.txt").write_text("not sound")
    with pytest.raises(TicktoneError, match="named after pieces"):
        read_kit(tmp_path)


def test_hydrogen_new_format(tmp_path):
    write(tmp_path, "soft.wav", "loud.wav", "loud2.wav", "room.wav", "hat.flac")
    layer = "<layer><filename>{}</filename><min>{}</min><max>{}</max><gain>{}</gain></layer>"
    kick = "".join(
        layer.format(*values)
        for values in (("loud.wav", 0.5, 1, 1), ("soft.wav", 0, 0.5, 2), ("loud2.wav", 0.5, 1, 1))
    )
    component = f"<instrumentComponent>{kick}</instrumentComponent>"
    room = f"<instrumentComponent>{layer.format('room.wav', 0, 1, 1)}</instrumentComponent>"
    hydrogen(
        tmp_path,
        f"<instrument><id>0</id><name>Kick</name><volume>0.5</volume>{component}{room}</instrument>"
        "<instrument><id>1</id><name>??</name><midiOutNote>42</midiOutNote>"
        f"{layer.format('hat.flac', 0, 1, 1)}</instrument>",
        "<name>Wooden</name><license>CC0</license>",
        '<?xml version="1.0" encoding="UTF-8"?><drumkit_info xmlns="http://www.hydrogen.org/kit">',
    )
    kit = read_kit(tmp_path)
    assert (kit.name, kit.licence) == ("Wooden", "CC0")
    assert names(kit.pieces["kick"]) == [["soft"], ["loud", "loud2"]]
    assert [layer[0].gain for layer in kit.pieces["kick"]] == [0.5 * 2 * 0.25, 0.5 * 0.75]
    assert names(kit.pieces["hat_closed"]) == [["hat"]]
    assert read_kit(tmp_path, "MIT").licence == "MIT"


def test_hydrogen_old_format_in_latin_1(tmp_path):
    write(tmp_path, "a.wav", "b.wav")
    hydrogen(
        tmp_path,
        "<instrument><id>0</id><name>Snare 1</name><filename>a.wav</filename>"
        "<volume>0.8</volume></instrument>"
        "<instrument><id>1</id><name>Snare 2</name><filename>b.wav</filename></instrument>"
        "<instrument><id>2</id><name>Kick</name><filename>missing.wav</filename></instrument>"
        "<instrument><id>3</id><name>??</name><filename>b.wav</filename>"
        "<midiOutNote>39</midiOutNote></instrument>"
        "<instrument><id>4</id><name>12</name></instrument>",
    )
    listing = tmp_path / "drumkit.xml"
    listing.write_bytes(listing.read_text().replace("Snare 1", "Snare é").encode("latin-1"))
    kit = read_kit(tmp_path)
    assert kit.pieces == {"snare": ((Sample(tmp_path / "a.wav", 0.8),),)}
    assert kit.spares == {"snare": (((Sample(tmp_path / "b.wav"),),),)}
    assert kit.name == tmp_path.name


def test_a_damaged_listing_is_told(tmp_path):
    (tmp_path / "drumkit.xml").write_text("<drumkit_info>")
    with pytest.raises(TicktoneError, match=r"drumkit\.xml: is damaged"):
        read_kit(tmp_path)


def kit_of(*pieces: str, name: str = "kit", licence: str = "") -> Kit:
    return Kit(name, licence, {piece: ((Sample(Path(name, piece)),),) for piece in pieces})


def test_a_missing_piece_falls_back_to_the_next_best():
    assert piece_for(36, kit_of("kick")) == "kick"
    assert piece_for(49, kit_of("ride", "splash")) == "splash"
    assert piece_for(43, kit_of("tom_high", "tom_mid")) == "tom_mid"
    assert piece_for(46, kit_of("hat_closed")) == "hat_closed"
    assert piece_for(71, kit_of("kick")) is None
    assert piece_for(99, kit_of("kick")) is None


def test_every_percussion_key_of_general_midi_is_known():
    assert set(range(35, 82)) <= set(KEYS)
    essential = kit_of(*ESSENTIAL)
    assert all(piece_for(key, essential) for key in range(35, 54))


def test_essential_pieces_are_borrowed_and_the_donors_licence_is_named():
    donors = [
        kit_of("crash", "ride", name="one", licence="CC0"),
        kit_of("crash", "snare", name="two", licence="MIT"),
    ]
    kit = kit_of("snare", "cowbell", licence="GPL")
    whole = complete(kit, donors, np.random.default_rng(1))
    assert set(whole.pieces) == {"snare", "cowbell", "crash", "ride"}
    assert whole.pieces["snare"] == kit.pieces["snare"]
    assert whole.licence in {"GPL; CC0", "GPL; MIT; CC0"}
    crashes = {
        complete(kit, donors, np.random.default_rng(seed)).pieces["crash"][0][0].path.parent.name
        for seed in range(20)
    }
    assert crashes == {"one", "two"}


def test_a_sample_is_stereo_at_the_rate_asked_for(tmp_path):
    tone = np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)
    soundfile.write(tmp_path / "mono.wav", 0.5 * tone, RATE)
    soundfile.write(tmp_path / "three.wav", np.stack([tone / 2, tone / 4, 0 * tone], 1), RATE)
    mono = Sample(tmp_path / "mono.wav", gain=0.5).load(2 * RATE)
    assert mono.shape == (2, 2 * RATE)
    assert mono.dtype == np.float32
    np.testing.assert_array_equal(mono[0], mono[1])
    np.testing.assert_allclose(np.abs(mono[0, 99:-99]).max(), 0.25, rtol=0.01)
    three = Sample(tmp_path / "three.wav").load(RATE)
    np.testing.assert_allclose(three, [tone / 2, tone / 4], atol=1e-4)
    assert Sample(tmp_path / "three.wav").load(RATE, 12).shape == (2, RATE // 2)


def test_an_unreadable_sample_is_told(tmp_path):
    (tmp_path / "kick.wav").write_text("not sound")
    with pytest.raises(TicktoneError, match=r"kick\.wav: is not a sound file"):
        Sample(tmp_path / "kick.wav").load(RATE)
