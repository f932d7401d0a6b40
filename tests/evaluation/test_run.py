"""Songs by methods: what is kept, what is done again, what fails and costs only itself."""

import os
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from tests.evaluation.conftest import RATE
from ticktone import TicktoneError
from ticktone.datasets import open_dataset
from ticktone.evaluation.estimators import choose
from ticktone.evaluation.run import Evaluation, evaluate, read_sources


@pytest.fixture
def evaluation(tmp_path):
    return Evaluation("sdr", tuple(choose([("median", {})])), tmp_path / "out")


def run(folder, evaluation, jobs=1):
    return list(evaluate(open_dataset(folder).songs, evaluation, jobs))


def sdrs(outcomes):
    return {
        (o.song, o.label, part): o.scores.values[part][metric].tolist()
        for o in outcomes
        for part in ("percussive", "harmonic")
        for metric in ("SDR", "SI-SDR")
    }


def kept(outcomes):
    return {(o.song, o.label) for o in outcomes if o.kept}


def test_every_song_by_every_method_each_in_a_file(songs, evaluation):
    outcomes = run(songs(), evaluation)
    assert {(o.song, o.label) for o in outcomes} == {
        (song, label) for song in "ab" for label in ("gain", "median", "oracle")
    }
    assert not kept(outcomes)
    files = sorted(str(p.relative_to(evaluation.folder)) for p in evaluation.folder.rglob("*.*"))
    assert files == [f"{m}/test/{s}.json" for m in ("gain", "median", "oracle") for s in "ab"]


@pytest.mark.slow
def test_results_are_kept_until_what_they_depend_on_changes(songs, evaluation):
    folder = songs()
    first = run(folder, evaluation)
    again = run(folder, evaluation)
    assert len(kept(again)) == 6
    assert sdrs(first) == sdrs(again)
    others = replace(evaluation, estimators=tuple(choose([("median", {"power": 1.0})])))
    assert {label for _, label in kept(run(folder, others))} == {"gain", "oracle"}
    assert not kept(run(folder, replace(evaluation, stereo=True)))
    run(folder, evaluation)
    assert not kept(run(folder, replace(evaluation, protocol="lordelo2019")))
    run(folder, evaluation)
    os.utime(folder / "a" / "harmonic.wav", ns=(1, 1))
    assert {song for song, _ in kept(run(folder, evaluation))} == {"b"}
    (evaluation.folder / "median" / "test" / "b.json").unlink()
    assert len(kept(run(folder, evaluation))) == 5


def test_a_damaged_result_costs_only_itself(songs, evaluation):
    folder = songs()
    first = run(folder, evaluation)
    for song, length in (("a", 300), ("b", 0)):
        path = evaluation.folder / "median" / "test" / f"{song}.json"
        path.write_bytes(path.read_bytes()[:length])
    again = run(folder, evaluation)
    assert not any(outcome.error for outcome in again)
    assert kept(again) == {(song, label) for song in "ab" for label in ("gain", "oracle")}
    assert sdrs(again) == sdrs(first)
    assert len(kept(run(folder, evaluation))) == 6


def test_a_method_of_the_same_label_and_another_model_is_scored_anew(songs, tmp_path, evaluation):
    from ticktone.models import models

    for name, model in (("one", "unet"), ("two", "3w-unet")):
        (tmp_path / name).mkdir()
        for suffix in (".onnx", ".toml"):
            content = models()[model].with_suffix(suffix).read_bytes()
            (tmp_path / name / f"best{suffix}").write_bytes(content)

    def chosen(name):
        estimators = choose([(str(tmp_path / name / "best.onnx"), {})])
        return replace(evaluation, estimators=tuple(estimators))

    folder = songs("a")
    run(folder, chosen("one"))
    assert len(kept(run(folder, chosen("two")))) == 2
    (tmp_path / "two").rename(tmp_path / "three")  # the place does not matter
    assert len(kept(run(folder, chosen("three")))) == 3


@pytest.mark.slow
def test_processes_give_the_same(songs, evaluation, tmp_path):
    folder = songs("abc")
    alone = run(folder, evaluation)
    together = run(folder, replace(evaluation, folder=tmp_path / "other"), jobs=2)
    assert sdrs(alone) == sdrs(together)


def test_stereo_songs_are_mixed_to_mono_or_not(songs):
    (song,) = open_dataset(songs("a", channels=2)).songs
    mono, stereo = read_sources(song), read_sources(song, stereo=True)
    assert (mono.shape, stereo.shape) == ((2, 1, RATE), (2, 2, RATE))
    np.testing.assert_allclose(mono[:, 0], stereo.mean(axis=1), atol=1e-7)


def test_a_silent_song_is_told_and_not_scored(songs, evaluation):
    folder = songs()
    soundfile.write(folder / "a" / "percussive.wav", np.zeros(RATE), RATE)
    outcomes = run(folder, evaluation)
    assert {o.song for o in outcomes if o.scores} == {"b"}
    assert {(o.song, o.silent, o.error) for o in outcomes if not o.scores} == {
        ("a", ("percussive",), "")
    }


def test_a_bad_song_costs_only_itself(songs, evaluation):
    folder = songs("abcd")
    whole = (folder / "a" / "harmonic.wav").read_bytes()
    samples = np.zeros(RATE)
    samples[5] = np.inf
    soundfile.write(folder / "b" / "harmonic.wav", samples, RATE, "FLOAT")
    data = open_dataset(folder)
    (folder / "a" / "harmonic.wav").write_bytes(whole[:1000])
    (folder / "d" / "percussive.wav").unlink()
    outcomes = list(evaluate(data.songs, evaluation))
    assert {o.song for o in outcomes if o.scores} == {"c"}
    errors = {o.song: o.error for o in outcomes if o.error}
    assert errors["a"].startswith("a: ")
    assert "harmonic.wav: is damaged or was changed" in errors["a"]
    assert errors["d"].startswith("d: ")
    assert errors["b"] == "b: has samples that are not finite; repair its stems"


def test_what_is_everybodys_fault_is_told_at_once(songs, evaluation, tmp_path):
    data = open_dataset(songs())
    (tmp_path / "file").write_text("")
    for change, message in (
        ({"folder": tmp_path / "file" / "out"}, "cannot be written: Not a directory"),
        ({"protocol": "sdrr"}, "unknown protocol"),
        ({"estimators": tuple(choose([("median", {"powr": 1})]))}, "did you mean power"),
        ({"estimators": tuple(choose([("nowhere.onnx", {})]))}, "nowhere.onnx: has no card"),
    ):
        with pytest.raises(TicktoneError, match=message):
            next(evaluate(data.songs, replace(evaluation, **change)))
    assert not (tmp_path / "out").exists()
