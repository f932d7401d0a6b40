"""The networks in the wheel: what a user may rely on, and what their cards promise."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ticktone import separate
from ticktone.methods import DEFAULT
from ticktone.models import check_sum, models, read_card, training_songs
from ticktone.models.card import listed_songs
from ticktone.models.refiner import LIVE_PATH as LIVE_REFINER
from ticktone.models.refiner import PATH as REFINER
from ticktone.models.refiner import read_low_end

NETWORKS = {
    **{"3w-mdensenet": 550_202, "mdensenet": 587_502, "3w-unet": 585_418, "unet": 579_602},
    **{"folded-3w-unet": 165_220, "mad-twinnet": 722_178, "dws": 366_338},
    **{"folded-3w-unet-small": 41_672},
}
ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo" / "demo.ogg"
# Nothing that is scored was learnt from: these songs, nor others that share a recording with them.
VALIDATION = ("lithium", "mdb_80srock", "mdb_britpop", "mdb_country1", "mdb_grunge", "mdb_reggae")
DEVELOPMENT = (
    *("crossadaptive", "davetorre", "lmms_222", "mauiwowi", "masaki72", "mdb_beatles"),
    *("mdb_speedmetal", "timepills", "trackswitch", "webband"),
)


def sdr(source, estimate):
    return 10 * np.log10(np.sum(source**2) / np.sum((source - estimate) ** 2))


def test_what_ships():
    assert set(NETWORKS) <= set(models())
    assert DEFAULT in models()
    assert sum(path.stat().st_size for path in models().values()) < 9.5e6


@pytest.mark.parametrize("name", models())
def test_the_card_says_all(name):
    card = read_card(models()[name])
    check_sum(models()[name], card.sha256)
    assert card.name == name
    assert card.parameters == NETWORKS.get(name, NETWORKS[card.network])
    assert card.licence == "MIT"
    assert "CC" in card.training["data"]
    assert card.training["hours"] > 1
    assert len(training_songs(models()[name])) == card.training["songs"]


@pytest.mark.parametrize("name", models())
def test_validation_songs_were_not_learnt_from(name):
    learnt = " ".join(training_songs(models()[name])).lower()
    assert "sodium" in learnt  # of the same project as lithium: the names are what we think
    for song in VALIDATION:
        assert song not in learnt


@pytest.fixture(scope="module")
def demo_by_median_filtering():
    parts = [soundfile.read(DEMO.with_stem(part))[0].T for part in ("harmonic", "percussive")]
    mixture, sample_rate = soundfile.read(DEMO)
    return parts, mixture.T, sample_rate, separate(mixture.T, sample_rate, "median")


@pytest.mark.parametrize(("path", "parameters"), [(REFINER, 18_433), (LIVE_REFINER, 16_737)])
def test_what_refines_the_low_end_learnt_from_neither_validation_nor_development(path, parameters):
    card, content = read_low_end(path)
    assert len(content) < 1e5
    assert card.licence == "MIT"
    assert card.parameters == parameters
    assert "CC" in card.training["data"]
    songs = listed_songs(path, card.training)
    assert len(songs) == card.training["songs"]
    learnt = " ".join(songs).lower()
    assert "sodium" in learnt
    for song in (*VALIDATION, *DEVELOPMENT):
        assert song not in learnt


@pytest.mark.slow
@pytest.mark.parametrize("name", models())
def test_the_demo_is_separated_better_than_by_median_filtering(name, demo_by_median_filtering):
    parts, mixture, sample_rate, filtered = demo_by_median_filtering
    found = separate(mixture, sample_rate, name)
    for part, ours, theirs in zip(parts, found, filtered, strict=False):
        assert sdr(part, ours) > sdr(part, theirs)
    assert np.abs(found.harmonic + found.percussive - mixture).max() < 1e-6


@pytest.mark.parametrize("name", models())
def test_its_card_has_the_scores_of_the_table_of_methods(name):
    scores = read_card(models()[name]).scores
    words = [
        " / ".join(f"{scores[f'{folder}_{part}']:.2f}" for part in ("percussive", "harmonic"))
        for folder in ("validation", "development")
    ]
    lines = (ROOT / "docs" / "methods.md").read_text().splitlines()
    row = next(line for line in lines if line.startswith(f"| `{name}` |"))
    assert " | ".join(words) in row


def test_the_command_lists_them(run):
    done = run("models", "--json")
    assert done.returncode == 0, done.stderr
    listed = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert list(listed) == list(models())
    for name, path in models().items():
        assert listed[name]["size"] == path.stat().st_size
        assert listed[name]["licence"] == "MIT"
        assert listed[name]["scores"]["development_percussive"] > 2.48  # median filtering's
        assert listed[name]["speed"] is None
    table = run("models", env={"COLUMNS": "80", "PATH": str(Path.cwd())}).stdout
    for name in models():
        assert name in table
        assert f"{listed[name]['scores']['development_percussive']:.2f}" in table
    assert "MIT): trained on" in table
