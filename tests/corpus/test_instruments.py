import numpy as np
import pytest
import soundfile

from ticktone.corpus.instruments import programs_of, read_instrument
from ticktone.errors import TicktoneError

RATE = 8000


def write(folder, **levels):
    for name, level in levels.items():
        soundfile.write(folder / f"{name[1:]}.wav", np.full(800, level), RATE)
    return folder


def names(layers):
    return [[sample.path.stem for sample in layer] for layer in layers]


def test_layers_go_from_soft_to_loud_and_hold_the_takes(tmp_path):
    write(tmp_path, _060_c4_ff_rr1=0.5, _060_c4_ff_rr2=0.5, _060_c4_p_rr1=0.1, _060_c4_mf_rr1=0.2)
    instrument = read_instrument(tmp_path, "CC0")
    assert names(instrument.notes[60]) == [
        ["060_c4_p_rr1"],
        ["060_c4_mf_rr1"],
        ["060_c4_ff_rr1", "060_c4_ff_rr2"],
    ]
    assert (instrument.name, instrument.licence) == (tmp_path.name, "CC0")


def test_a_dynamic_that_was_not_recorded_at_a_pitch_is_empty(tmp_path):
    soundfile.write(tmp_path / "027_Ds1-FF.wav", np.full(80, 0.5), RATE)
    soundfile.write(tmp_path / "034_As1-PP.wav", np.full(80, 0.5), RATE)
    notes = read_instrument(tmp_path).notes
    assert names(notes[27]) == [[], ["027_Ds1-FF"]]
    assert names(notes[34]) == [["034_As1-PP"], []]


def test_short_notes_are_kept_apart(tmp_path):
    write(tmp_path, _040_e3_f_rr1=0.5, _040_e3_p_rr1=0.1, _040_e3_stac_rr1=0.5)
    instrument = read_instrument(tmp_path)
    assert names(instrument.notes[40]) == [["040_e3_p_rr1"], ["040_e3_f_rr1"]]
    assert names(instrument.short[40]) == [["040_e3_stac_rr1"]]


def test_short_notes_of_more_dynamics_than_the_long_ones_are_left_out(tmp_path):
    write(tmp_path, _029_f0_sus=0.5, _029_f0_short_vl1=0.1, _029_f0_short_vl2=0.5)
    instrument = read_instrument(tmp_path)
    assert names(instrument.notes[29]) == [["029_f0_sus"]]
    assert instrument.short == {}


@pytest.mark.parametrize(("soft", "levelled"), [(0.1, False), (0.45, True)])
def test_layers_made_equally_loud_are_noticed(tmp_path, soft, levelled):
    write(tmp_path, _060_c4_f=0.5, _060_c4_p=soft, _062_d4_f=0.5, _062_d4_p=soft, _064_e4_f=0.5)
    assert read_instrument(tmp_path).levelled is levelled


def test_a_folder_without_notes_is_told(tmp_path):
    write(tmp_path, _kick_01=0.5)
    with pytest.raises(TicktoneError, match="060_c4_mf_rr1"):
        read_instrument(tmp_path)


@pytest.mark.parametrize(
    ("name", "programs"),
    [
        ("bass_growly", range(32, 40)),
        ("eguitar_black", range(24, 32)),
        ("epiano_cp80", range(8)),
        ("alto_sax", range(64, 68)),
        ("tuba", [58]),
        ("theremin", []),
    ],
)
def test_the_name_tells_what_an_instrument_may_stand_for(name, programs):
    assert list(programs_of(name)) == list(programs)
