"""Results as files, which museval's own readers take and we take from others."""

import json

import museval
import numpy as np
import pytest
import simplejson
from jsonschema import validate

from tests.evaluation.conftest import RATE
from ticktone import TicktoneError
from ticktone.evaluation.protocols import find_protocol, protocols
from ticktone.evaluation.published import read_systems
from ticktone.evaluation.results import read_kept_scores, read_published, result_path, write_scores
from ticktone.evaluation.scores import Scores, median

SETTINGS = {"method": "x", "stems": [["a", 1, 2]], "window": 1.0}


@pytest.mark.parametrize("protocol", protocols().values(), ids=lambda p: p.name)
def test_scores_come_back_as_they_were_and_museval_reads_them(tmp_path, scored, protocol):
    sources, estimates = scored
    sources[0, :, :RATE] = 0
    scores = protocol.score(sources, estimates, RATE)
    path = result_path(tmp_path, "a/b", None, "Someone - Théâtre")
    assert path == tmp_path / "a_b" / "test" / "Someone - Théâtre.json"
    write_scores(path, scores, SETTINGS)
    for found in (read_kept_scores(path, SETTINGS), read_published(path)):
        assert (found.windows, found.window, found.hop) == (
            scores.windows,
            pytest.approx(scores.window),
            pytest.approx(scores.hop if scores.windows > 1 else scores.window),
        )
        for part, metrics in scores.values.items():
            for metric, values in metrics.items():
                assert np.array_equal(found.values[part][metric], values, equal_nan=True)
    schema = museval.TrackStore("").schema
    validate(simplejson.loads(path.read_text(), allow_nan=True), schema)
    store = museval.EvalStore()
    store.add_eval_dir(tmp_path / "a_b")
    theirs = store.agg_frames_scores()["Someone - Théâtre"]
    assert theirs["percussive"]["SDR"] == pytest.approx(median(scores.values["percussive"]["SDR"]))


def test_we_read_what_museval_writes(tmp_path):
    track = museval.TrackStore("song")
    for target, first in (("drums", 5.0), ("vocals", np.inf)):
        values = {m: np.array([first, np.nan, 1.5]) for m in ("SDR", "SIR", "SAR", "ISR")}
        track.add_target(target, values)
    (tmp_path / "TAK1" / "test").mkdir(parents=True)
    track.save(tmp_path / "TAK1" / "test" / "song.json")
    found = read_systems(tmp_path)["TAK1"]["song"]
    assert set(found.values) == {"percussive", "vocals"}
    np.testing.assert_array_equal(found.values["percussive"]["SIR"], [5.0, np.nan, 1.5])
    assert np.isnan(found.values["vocals"]["SDR"][:2]).all()


def test_other_settings_other_content_or_no_file_are_no_kept_scores(tmp_path):
    path = tmp_path / "a.json"
    scores = Scores({p: {"SDR": np.array([1.0])} for p in ("percussive", "harmonic")}, 1.0, 1.0)
    assert read_kept_scores(path, SETTINGS) is None
    write_scores(path, scores, SETTINGS)
    assert read_kept_scores(path, SETTINGS) is not None
    assert read_kept_scores(path, {**SETTINGS, "window": 2.0}) is None
    whole = path.read_text()
    damaged = (
        *("", "\0" * 4096, whole[:12], whole[:-20], whole[:-20] + "\0" * 20, "[1" + whole),
        *(whole.replace("percussive", "p"), whole.replace('"SDR"', '"S"')),
        *(whole.replace('"metrics": {', '"metrics": 1, "x": {'), whole.replace("[", "null, [", 1)),
    )
    for content in damaged:
        path.write_text(content)
        assert read_kept_scores(path, SETTINGS) is None


def test_damaged_files_of_ours_are_replaced(tmp_path):
    path = tmp_path / "a.json"
    scores = Scores({p: {"SDR": np.array([1.0])} for p in ("percussive", "harmonic")}, 1.0, 1.0)
    write_scores(path, scores, SETTINGS)
    whole = path.read_text()
    for content in ("", "\0" * 4096, whole[:20], whole[:-20], whole[:-20] + "\0" * 20):
        path.write_text(content)
        write_scores(path, scores, SETTINGS)
        assert path.read_text() == whole


def test_files_that_are_not_ours_are_not_replaced(tmp_path):
    path = tmp_path / "a.json"
    for content in ('{"targets": []}', '{"targets": [', "notes of mine", '{"targets": "ticktone":'):
        path.write_text(content)
        with pytest.raises(TicktoneError, match=r"a\.json: is there already and not ours"):
            write_scores(path, Scores({}, 1.0, 1.0), SETTINGS)
        assert path.read_text() == content


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"targets": [{"frames": []}]}', '{"targets": 1}']
)
def test_published_files_of_another_kind_are_named(tmp_path, content):
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "song.json").write_text(content)
    with pytest.raises(TicktoneError, match=r"song\.json: is not in museval's JSON format"):
        read_systems(tmp_path)


def test_a_folder_without_published_results_is_told_what_was_expected(tmp_path):
    (tmp_path / "A").mkdir()
    with pytest.raises(TicktoneError, match="no results for drums; expected SYSTEM/test/SONG"):
        read_systems(tmp_path)
    with pytest.raises(TicktoneError, match="is not a folder"):
        read_systems(tmp_path / "nowhere")


def test_settings_of_protocols_differ():
    settings = [protocol.settings() for protocol in protocols().values()]
    assert len({json.dumps(s) for s in settings}) == 3
    assert find_protocol("lordelo2019").settings()["library"].startswith("museval 0.4")
