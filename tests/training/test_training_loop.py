import csv
import math
from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from ticktone.at_once import separate
from ticktone.errors import TicktoneError
from ticktone.evaluation.measures import sdr
from ticktone.models import read_card, training_songs
from ticktone.networks import make_network
from ticktone.storage.atomic import write_whole
from ticktone.training import (
    Normalisation,
    Reporter,
    TorchMethod,
    load,
    network_from,
    recipe_from,
    train,
    validate,
)
from ticktone.training.ema import Ema
from ticktone.training.losses import make_loss
from ticktone.training.onnx_export import export
from ticktone.training.recipe import Schedule
from ticktone.training.schedule import Plateau
from ticktone.training.song_selection import select_songs

pytestmark = pytest.mark.slow  # nearly all of it trains

KEYS = {
    *("format", "ticktone", "network", "weights", "ema", "optimiser", "schedule", "sampler"),
    *("random", "normalisation", "recipe", "songs", "step", "seconds", "history"),
}


def same(one: Any, other: Any) -> bool:
    """Whether nested values are equal, tensors to the bit."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def without_times(checkpoint: dict) -> dict:
    history = [{**row, "seconds": 0} for row in checkpoint["history"]]
    return {**checkpoint, "seconds": 0, "history": history, "recipe": None}


@pytest.fixture
def learn(tiny, tmp_path):
    """Train the tiny recipe in a folder of that name, and give its last checkpoint."""

    def learn(name="run", *, resume=False, stop=lambda: False, **changes):
        train(tiny(**changes), tmp_path / name, device="cpu", resume=resume, stop=stop)
        return load(tmp_path / name / "last.pt")

    return learn


def test_what_a_run_leaves(learn, tmp_path):
    checkpoint = learn()
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        *("best.pt", "last.pt", "curves.csv", "curves.png")
    }
    assert checkpoint.keys() == KEYS
    with (tmp_path / "run" / "curves.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["epoch"], row["step"]) for row in rows] == [("1", "3"), ("2", "6")]
    for row in rows:
        assert all(math.isfinite(float(value)) for value in row.values())
    assert recipe_from(checkpoint["recipe"]).network.name == "unet"
    assert checkpoint["network"] == {
        "name": "unet",
        "options": {"channels": 2, "convolutions": 1, "poolings": 2},
    }
    assert network_from(checkpoint)(torch.zeros(1, 1, 8, 4)).shape == (1, 2, 8, 4)


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_resuming_is_exact(learn, ema):
    variations = {
        **{"augmentation__mixing": 0.5, "augmentation__gain": [-6, 6], "optimiser__ema": ema},
        **{"augmentation__speed": [0.9, 1.1], "schedule__patience": 1},
    }
    whole = learn("whole", schedule__epochs=4, **variations)
    learn("halves", schedule__epochs=2, **variations)
    halves = learn("halves", resume=True, schedule__epochs=4, **variations)
    assert whole["step"] == 12
    assert same(without_times(whole), without_times(halves))


def test_resuming_within_an_epoch_is_exact(learn):
    whole = learn("whole", schedule__epochs=2)
    calls = chain([False, False], repeat(True))  # two songs are measured, one step is taken
    halves = learn("halves", stop=lambda: next(calls))
    assert halves["sampler"]["step"] == 1
    assert halves["history"] == []
    halves = learn("halves", resume=True, schedule__epochs=2)
    assert same(without_times(whole), without_times(halves))


def test_stopping_during_validation_is_exact(learn):
    whole = learn("whole", schedule__epochs=2)
    calls = chain([False] * 5, repeat(True))
    halves = learn("halves", stop=lambda: next(calls))
    assert halves["sampler"]["step"] == 3
    halves = learn("halves", resume=True, schedule__epochs=2)
    assert same(without_times(whole), without_times(halves))


def test_stopping_before_the_first_step_leaves_nothing(learn, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        learn(stop=lambda: True)
    assert not (tmp_path / "run").exists()


def test_the_same_recipe_gives_the_same_weights_whatever_reads(learn):
    one, other = learn("one", examples__readers=1), learn("other", examples__readers=3)
    assert same(one["weights"], other["weights"])
    assert not same(one["weights"], learn("third", machine__seed=1)["weights"])


@pytest.mark.parametrize(
    "change",
    [
        {"loss__name": "masked_l1"},
        {"loss__name": "log_l1"},
        {"loss__name": "si_sdr"},
        {"loss__name": "error_norm"},
        {"loss__lambda_percussive": 0.9},
        {"loss__lambda_harmonic": 0.0},
        {"optimiser__learning_rate": 0.01},
        {"optimiser__weight_decay": 0.1},
        {"schedule__steps": 4},
        {"schedule__steps": 0},
        {"schedule__epochs": 1},
        {"examples__batch": 2},
        {"examples__frames": 8},
        {"examples__hop_length": 64},
        {"examples__window_length": 512},
        {"examples__sample_rate": 8000},
        {"examples__level": 3.0},
        {"network__options": {"channels": 3, "poolings": 2}},
        {"network__name": "mdensenet", "network__options": {"growth": 2, "layers": 1}},
        {"validation__songs": ["song0", "song1"]},
        {"augmentation__polarity": 0.5},
    ],
    ids=str,
)
def test_every_setting_changes_the_weights(learn, change):
    if not PLAIN:
        PLAIN.append(learn("plain")["weights"])
    assert not same(PLAIN[0], learn("changed", **change)["weights"])


PLAIN: list[dict] = []  # trained once for all of these


def test_the_level_that_is_trained_with_is_kept_and_exported(learn, tmp_path):
    checkpoint = learn(examples__level=3.0, examples__range=(0.0, 4.0))
    normalisation = {"minimum": 0.0, "maximum": 4.0, "level": 3.0, "causal": False}
    assert checkpoint["normalisation"] == normalisation
    card = export(checkpoint, tmp_path / "level.onnx")
    assert {**card.normalisation, "kind": ""} == {**normalisation, "kind": ""}
    further = {"network__pretrained": str(tmp_path / "run" / "last.pt")}
    assert learn("further", **further)["normalisation"] == normalisation
    with pytest.raises(TicktoneError, match=r"examples\.level comes from network\.pretrained"):
        learn("again", examples__level=3.0, **further)


def test_ema_is_kept_and_judged(learn):
    checkpoint = learn(optimiser__ema=0.9)
    assert checkpoint["ema"]["steps"] == 6
    assert not same(checkpoint["ema"]["weights"], checkpoint["weights"])
    output_network = network_from(checkpoint).state_dict()
    assert same(dict(output_network), dict(checkpoint["ema"]["weights"]))
    assert learn("plain")["ema"] is None


def test_ema_by_hand():
    network: Any = make_network("unet", channels=1, poolings=1)
    ema: Any = Ema(network, decay=0.15)
    bias = network.heads.bias
    with torch.no_grad():
        bias.fill_(1.0)
        ema.update(network)  # decay 1/10: from 0 to 0.9
        assert ema.network.heads.bias.tolist() == pytest.approx([0.9, 0.9])
        ema.update(network)  # decay 0.15: 0.9 * 0.15 + 0.85
        assert ema.network.heads.bias.tolist() == pytest.approx([0.985, 0.985])
    assert not any(p.requires_grad for p in ema.network.parameters())


def test_the_learning_rate_falls_and_training_ends():
    settings, plateau = Schedule(patience=3, factor=0.5, stop_after=7), Plateau()
    factors = []
    for score in (5, 4, 4, 4, 4, 4, 4, 4, 4):
        assert not plateau.exhausted(settings)
        plateau.update(score, settings)
        factors.append(plateau.factor(settings))
    assert factors == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert plateau.exhausted(settings)
    assert plateau.update(3, settings)
    assert not plateau.exhausted(settings)


def test_a_linear_decay_reaches_zero_with_the_last_epoch(tiny, tmp_path):
    schedule = {"steps": 5, "epochs": 4, "decay": "linear", "warmup": 4, "stop_after": 1}
    recipe = tiny(**{f"schedule__{key}": value for key, value in schedule.items()})
    outcome = train(recipe, tmp_path / "run", device="cpu")
    assert outcome.reason == "epochs"  # a plateau has no say
    rates = [row.learning_rate for row in outcome.history]
    assert np.allclose(rates, [1e-3 * share for share in (0.75, 0.5, 0.25, 0)])
    with pytest.raises(TicktoneError, match=r"needs schedule\.epochs"):
        tiny(schedule__decay="linear", schedule__epochs=0)


def test_warmup_begins_softly(tiny, tmp_path):
    def change(**schedule):
        recipe = tiny(schedule__steps=1, schedule__epochs=1, validation__fraction=0.0, **schedule)
        folder = tmp_path / f"run{len(schedule)}"
        train(recipe, folder, device="cpu")
        weights = load(folder / "last.pt")["weights"]
        torch.manual_seed(recipe.machine.seed)
        first = make_network("unet", channels=2, poolings=2).state_dict()
        return max((weights[name] - first[name]).abs().max() for name in first if "weight" in name)

    assert change(schedule__warmup=99) < 0.02 * change()


def test_frozen_statistics_stand_still_while_weights_move(learn):
    def statistics(checkpoint):
        return {key: value for key, value in checkpoint["weights"].items() if "running" in key}

    free = learn(schedule__epochs=2, schedule__freeze=2)
    moving, frozen = (
        learn(name, schedule__epochs=3, schedule__freeze=freeze)
        for name, freeze in (("moving", 0), ("frozen", 2))
    )
    assert same(statistics(frozen), statistics(free))
    assert not same(statistics(moving), statistics(free))
    weight = "heads.weight"
    assert not torch.equal(frozen["weights"][weight], free["weights"][weight])


def test_a_training_begins_with_anothers_weights(learn, tmp_path):
    first = learn("first", optimiser__ema=0.9)
    pretrained = str(tmp_path / "first" / "last.pt")
    still = learn(
        "second",
        network__pretrained=pretrained,
        examples__frames=32,
        optimiser__learning_rate=1e-30,
    )
    assert still["normalisation"] == first["normalisation"]
    output_network = dict(network_from(first).named_parameters())
    assert all(
        torch.equal(still["weights"][name], weight) for name, weight in output_network.items()
    )

    card = export(still, tmp_path / "second.onnx")
    assert card.training["recipe"]["network"]["pretrained"] == "first/last.pt"

    with pytest.raises(TicktoneError, match=r"last\.pt.* has the weights of another network"):
        learn("third", network__options={"channels": 3}, network__pretrained=pretrained)
    with pytest.raises(TicktoneError, match=r"leave one of them away"):
        learn("third", network__pretrained=pretrained, examples__range=[0.0, 5.5])


def test_a_given_range_is_not_measured(tiny, tmp_path):
    notes = []

    class Listener(Reporter):
        def note(self, text):
            notes.append(text)

    train(tiny(examples__range=[0.0, 5.5]), tmp_path / "run", device="cpu", reporter=Listener())
    assert load(tmp_path / "run" / "last.pt")["normalisation"] == {"minimum": 0.0, "maximum": 5.5}
    assert not notes
    with pytest.raises(TicktoneError, match="two numbers"):
        tiny(examples__range=[1.0])


def test_bfloat16_is_less_exact_and_nearly_the_same(tiny, tmp_path):
    losses = [
        train(tiny(machine__precision=kind), tmp_path / kind, device="cpu").history[0].training_loss
        for kind in ("auto", "bfloat16")
    ]
    assert losses[0] != losses[1]
    assert np.isclose(losses[0], losses[1], rtol=0.05)


def test_a_plateau_ends_a_run(tiny, tmp_path):
    recipe = tiny(
        schedule__epochs=9,
        schedule__stop_after=2,
        schedule__patience=1,
        optimiser__learning_rate=1e-12,  # nothing is learnt, the statistics alone still move
        loss__lambda_percussive=0.0,
        loss__lambda_harmonic=0.0,
    )
    outcome = train(recipe, tmp_path / "run", device="cpu")
    assert outcome.reason == "plateau"
    rates = [row.learning_rate for row in outcome.history]
    assert rates == pytest.approx([1e-12, 1e-12, 0.5e-12])


def test_validation_every_other_epoch_and_by_sdr(learn, tmp_path):
    changes = {"schedule__epochs": 4, "validation__every": 2, "validation__score": "sdr"}
    checkpoint = learn(**changes)
    known = [row["validation_loss"] is not None for row in checkpoint["history"]]
    assert known == [False, True, False, True]
    ratios = [
        (row["sdr_percussive"] + row["sdr_harmonic"]) / 2 for row in checkpoint["history"][1::2]
    ]
    assert checkpoint["schedule"]["best"] == pytest.approx(-max(ratios))
    best = load(tmp_path / "run" / "best.pt")
    assert len(best["history"]) == 2 * (1 + int(np.argmax(ratios)))


def test_without_validation_songs_the_training_loss_decides(learn):
    checkpoint = learn(validation__fraction=0.0)
    losses = [row["training_loss"] for row in checkpoint["history"]]
    assert checkpoint["schedule"]["best"] == min(losses)
    assert checkpoint["songs"]["validation"] == []


def test_time_is_up(tiny, tmp_path):
    recipe = tiny(schedule__seconds=1e-3, schedule__epochs=9)
    outcome = train(recipe, tmp_path / "run", device="cpu")
    assert outcome.reason == "seconds"
    assert load(tmp_path / "run" / "last.pt")["step"] == 1
    train(recipe, tmp_path / "run", device="cpu", resume=True)
    assert load(tmp_path / "run" / "last.pt")["step"] == 2


def test_a_training_leaves_pytorchs_switches_as_they_were(tiny, tmp_path, monkeypatch):
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn

    def switches():
        return matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark

    before, seen = switches(), set()

    class Listener(Reporter):
        def step(self, epoch, step, steps):
            seen.add(switches())

    recipe = tiny(machine__precision="float32" if before[1] else "auto", schedule__epochs=1)
    train(recipe, tmp_path / "run", device="cpu", reporter=Listener())
    assert seen == {(not before[1], not before[1], True)}
    assert switches() == before

    class Failing(Reporter):
        def step(self, epoch, step, steps):
            raise TicktoneError("enough")

    with pytest.raises(TicktoneError, match="enough"):
        train(recipe, tmp_path / "other", device="cpu", reporter=Failing())
    assert switches() == before


def test_a_3w_unet_of_an_earlier_version_is_the_network_it_was(tmp_path):
    old = make_network("3w-unet", channels=9, convolutions=2)
    checkpoint = {
        "network": {"name": "3w-unet", "options": {}},  # as its recipe named none
        "weights": old.state_dict(),
        "ema": None,
    }
    found = network_from(checkpoint).state_dict()
    assert same(dict(found), dict(old.state_dict()))


def test_reports(tiny, tmp_path):
    heard: list[tuple[Any, ...]] = []

    class Listener(Reporter):
        def step(self, epoch, step, steps):
            heard.append((epoch, step, steps))

        def epoch(self, row, best):
            heard.append((row.epoch, best))

    train(tiny(schedule__epochs=1), tmp_path / "run", device="cpu", reporter=Listener())
    assert heard == [(0, 1, 3), (0, 2, 3), (0, 3, 3), (1, True)]


def test_refusals(tiny, learn, tmp_path, stems):
    with pytest.raises(TicktoneError, match="nothing to resume"):
        learn(resume=True)
    learn()
    with pytest.raises(TicktoneError, match="holds a training; add --resume"):
        learn()
    with pytest.raises(TicktoneError, match=r"trained with network\.options .*channels.: 2"):
        learn(resume=True, network__options={"channels": 3, "poolings": 2})
    with pytest.raises(TicktoneError, match=r"examples\.frames 16, the recipe has 32"):
        learn(resume=True, examples__frames=32)
    with pytest.raises(TicktoneError, match="trained on other songs"):
        learn(resume=True, data__path=str(stems(songs=2, name="other")))
    (tmp_path / "run" / "last.pt").write_bytes(b"nothing of the kind")
    with pytest.raises(TicktoneError, match="damaged, or no checkpoint"):
        learn(resume=True)
    torch.save({"format": 99}, tmp_path / "run" / "last.pt")
    with pytest.raises(TicktoneError, match="no checkpoint of a training"):
        learn(resume=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network__name": "unett"}, "unknown network 'unett'; did you mean"),
        ({"network__options": {"chanels": 2}}, "unknown option of unet 'chanels'; did you mean"),
        ({"network__options": {"channels": 1, "poolings": 8}}, "needs bins in multiples of 256"),
        ({"optimiser__learning_rate": 1e30}, "the loss of epoch 1 is nan; lower"),
    ],
)
def test_recipes_that_cannot_work(learn, changes, message):
    with pytest.raises(TicktoneError, match=message):
        learn(**changes)


def test_a_failed_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    path.write_text("before")

    def fail(file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(TicktoneError, match="cannot be written: No space left"):
        write_whole(path, fail)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_validation_gives_a_song_of_another_rate_too(tiny, stems):
    recipe = tiny(data__path=str(stems(songs=1, sample_rate=22_050, name="faster")))
    network: Any = make_network("unet", channels=2, poolings=2).eval()
    method = TorchMethod(network, Normalisation(0.0, 3.0), recipe.examples.stft)
    songs = select_songs(recipe).training
    scores = validate(method, songs, recipe.examples, make_loss(recipe.loss, method.stft))
    assert scores is not None
    assert math.isfinite(scores.sdr_harmonic + scores.sdr_percussive + scores.loss)


def test_one_song_is_learnt_by_heart(stems, tmp_path):
    recipe = recipe_from(
        {
            "network": {"name": "unet", "options": {"channels": 8, "poolings": 2}},
            "data": {"path": str(stems(songs=1, sample_rate=44_100))},
            "examples": {"frames": 32, "batch": 4},
            "optimiser": {"learning_rate": 0.01},
            "schedule": {"steps": 60, "epochs": 1},
            "validation": {"fraction": 0.0},
        }
    )
    train(recipe, tmp_path / "run", device="cpu")
    checkpoint = load(tmp_path / "run" / "last.pt")
    card = export(checkpoint, tmp_path / "learnt.onnx", licence="MIT", data="one song")
    assert card.training["songs"] == 1
    assert card.training["data"] == "one song"
    assert training_songs(tmp_path / "learnt.onnx") == ("song0",)
    (song,) = select_songs(recipe).training
    found = separate(song.mono("mixture"), song.sample_rate, str(tmp_path / "learnt.onnx"))
    assert sdr(song.mono("percussive"), found.percussive) > 12
    assert sdr(song.mono("harmonic"), found.harmonic) > 12
    # and the network says the same in PyTorch
    normalisation = Normalisation(**checkpoint["normalisation"])
    method = TorchMethod(network_from(checkpoint), normalisation, recipe.examples.stft)
    same = separate(song.mono("mixture"), song.sample_rate, method)
    np.testing.assert_allclose(found.percussive, same.percussive, atol=1e-4)


def test_the_command_exports_what_was_trained(tiny, tmp_path, run):
    train(tiny(), tmp_path / "run", device="cpu")
    model = tmp_path / "small.onnx"
    checkpoint = tmp_path / "run" / "last.pt"
    done = run("export", checkpoint, "-o", model, "--licence", "MIT", "--data", "noise")
    assert done.returncode == 0, done.stderr
    assert "parameters" in done.stdout
    card = read_card(model)
    assert (card.licence, card.training["data"], card.sample_rate) == ("MIT", "noise", 16_000)
    assert card.scores["validation_loss"] > 0
    assert card.training["recipe"]["data"]["path"] == ["stems"]  # where it lies is not told
    assert str(tmp_path) not in model.with_suffix(".toml").read_text()
    assert "exists; use --overwrite" in run("export", checkpoint, "-o", model).stderr
    assert run("export", checkpoint, "-o", model, "--overwrite").returncode == 0
    assert "must end in .onnx" in run("export", checkpoint, "-o", tmp_path / "a.pb").stderr
    lengths = ("--patch-frames", 8, "--margin-frames", 4, "--refine")
    int8 = ("--int8", tiny().data.path[0], "--overwrite")
    exported = model.read_bytes()
    done = run("export", checkpoint, "-o", model, *lengths, *int8)
    assert done.returncode == 0, done.stderr
    other = read_card(model)
    assert (other.patch_frames, other.margin_frames, other.refine) == (8, 4, True)
    assert not card.refine
    assert model.read_bytes() != exported
    model.write_bytes(b"no checkpoint")
    done = run("export", model, "-o", tmp_path / "b.onnx")
    assert done.returncode == 1
    assert "small.onnx: is damaged, or no checkpoint; use another" in done.stderr


def test_with_another_measure_the_best_begins_anew(tiny, tmp_path):
    run = tmp_path / "run"
    train(tiny(loss__name="si_sdr"), run, device="cpu")
    assert load(run / "last.pt")["schedule"]["best"] is not None
    changed = tiny(
        loss__name="masked_l1", schedule__epochs=load(run / "last.pt")["sampler"]["epoch"] + 1
    )
    outcome = train(changed, run, device="cpu", resume=True)
    assert outcome.reason == "epochs"
    best = load(run / "best.pt")
    assert best["sampler"]["epoch"] == changed.schedule.epochs


def test_a_resumed_training_takes_the_recipes_weight_decay(tiny, tmp_path):
    run = tmp_path / "run"
    train(tiny(), run, device="cpu")
    epochs = load(run / "last.pt")["sampler"]["epoch"]
    changed = tiny(optimiser__weight_decay=0.5, schedule__epochs=epochs + 1)
    train(changed, run, device="cpu", resume=True)
    (group,) = load(run / "last.pt")["optimiser"]["param_groups"]
    assert group["weight_decay"] == 0.5


def test_songs_that_are_silent_or_not_finite_are_named(tiny, stems, tmp_path):
    folder = stems(songs=2, name="odd")
    one, other = sorted(folder.iterdir())
    audio, rate = soundfile.read(one / "percussive.wav", always_2d=True)
    soundfile.write(one / "percussive.wav", 0 * audio, rate)
    notes = []

    class Listening(Reporter):
        def note(self, text):
            notes.append(text)

    recipe = tiny(data__path=str(folder), validation__fraction=0.0)
    train(recipe, tmp_path / "run", device="cpu", reporter=Listening())
    assert f"{one.name}: its percussive source is silent" in notes
    audio[len(audio) // 2] = np.nan
    soundfile.write(other / "percussive.wav", audio, rate, subtype="FLOAT")
    with pytest.raises(TicktoneError, match=f"{other.name}: holds samples that are not finite"):
        train(recipe, tmp_path / "other", device="cpu")
    assert not (tmp_path / "other").exists()


def test_of_two_songs_one_is_held_out(tiny, stems):
    songs = select_songs(tiny(data__path=str(stems(songs=2, name="two")), validation__fraction=0.1))
    assert (len(songs.training), len(songs.validation)) == (1, 1)


def test_any_text_is_no_checkpoint(tmp_path):
    path = tmp_path / "a.pt"
    for content in (b"hello world", b"", b"PK", bytes(1000)):
        path.write_bytes(content)
        with pytest.raises(TicktoneError, match="is damaged, or no checkpoint"):
            load(path)


def test_a_network_on_a_coarse_grid_can_be_exported(tmp_path, tiny):
    options = {"channels": 1, "poolings": 6, "convolutions": 1}
    train(tiny(network__options=options), tmp_path / "run", device="cpu")
    card = export(load(tmp_path / "run" / "last.pt"), tmp_path / "coarse.onnx")
    assert (card.patch_frames, card.margin_frames, card.grid) == (128, 64, 64)
