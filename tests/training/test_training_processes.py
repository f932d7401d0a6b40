"""A training by several processes, as `torchrun` starts them."""

import os
import subprocess
import sys

import pytest
import torch

from tests.support.patience import PATIENCE
from tests.training.conftest import TORCHRUN, written
from ticktone.training import load, train
from ticktone.training.distributed import process_group

pytestmark = pytest.mark.slow  # nearly all of it starts processes


def test_two_processes_learn_as_one(tiny, tmp_path, command):
    recipe = written(tiny(), tmp_path / "mine.toml")
    process = command(recipe, "--run", "two", "--device", "cpu", launcher=TORCHRUN)
    output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    assert output.count("epoch 1: ") == 1
    assert output.count("finished") == 1
    two = load(tmp_path / "two" / "last.pt")
    train(tiny(), tmp_path / "one", device="cpu")
    one = load(tmp_path / "one" / "last.pt")
    assert two["step"] == one["step"] == 6
    assert two["normalisation"] == one["normalisation"]


def test_gradients_of_two_processes_are_those_of_one(tmp_path):
    script = tmp_path / "two.py"
    script.write_text(
        """
import copy, torch
from ticktone.training.distributed import process_group

with process_group("cpu") as group:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 1))
    alone = copy.deepcopy(network)
    batch = torch.randn(8, 5)
    (alone(batch) ** 2).mean().backward()
    share = batch[group.rank :: group.size]
    wrapped = group.wrap(network)
    (wrapped(share) ** 2).mean().backward()
    for ours, expected in zip(network.parameters(), alone.parameters()):
        torch.testing.assert_close(ours.grad, expected.grad)
    local = alone[0].weight.grad.clone()
    (alone(share) ** 2).mean().backward()
    assert not torch.allclose(alone[0].weight.grad - local, local)  # a share alone tells less
    with torch.no_grad():
        network[0].bias += group.rank
    group.broadcast(network)
    sums = group.sum([network[0].bias.sum().item()])
    assert abs(sums[0] - group.size * network[0].bias.sum().item()) < 1e-6
    print(f"rank {group.rank} agrees")
"""
    )
    done = subprocess.run(
        [sys.executable, *TORCHRUN[:-1], script],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("agrees") == 2


def test_a_step_of_two_processes_is_that_of_one(tiny, tmp_path, command):
    changes = {"schedule__steps": 1, "schedule__epochs": 1, "optimiser__ema": 0.9}
    recipe = written(tiny(**changes), tmp_path / "mine.toml")
    process = command(
        *(recipe, "--run", "two", "--device", "cpu", "--set", "optimiser.ema=0.9"),
        launcher=TORCHRUN,
    )
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    two = load(tmp_path / "two" / "last.pt")
    train(tiny(**changes), tmp_path / "one", device="cpu")
    one = load(tmp_path / "one" / "last.pt")
    pairs = zip(two["optimiser"]["state"].values(), one["optimiser"]["state"].values(), strict=True)
    for ours, expected in pairs:  # after one step Adam's mean is a tenth of the gradient
        torch.testing.assert_close(ours["exp_avg"], expected["exp_avg"], rtol=1e-4, atol=1e-8)
    statistics = [key for key in one["weights"] if "running" in key]
    assert len(statistics) > 4
    for key in statistics:
        torch.testing.assert_close(two["weights"][key], one["weights"][key])
        torch.testing.assert_close(two["ema"]["weights"][key], one["ema"]["weights"][key])
    assert two["ema"]["steps"] == 1
    losses = [checkpoint["history"][0]["training_loss"] for checkpoint in (two, one)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.parametrize("lost", [0, 1])
def test_a_killed_process_ends_the_run_and_it_can_be_resumed(tiny, tmp_path, lost):
    recipe = tiny(schedule__steps=100_000)
    script = tmp_path / "killed.py"
    script.write_text(
        f"""
import os, pathlib, signal, torch
from ticktone.training import Reporter, recipe_from, train
from ticktone.training.interrupt import Interrupt

torch.set_num_threads(1)
recipe = recipe_from({recipe.as_table()!r})
rank, asked = int(os.environ["RANK"]), 0

def stop():
    global asked
    asked += 1
    if rank == {lost} and asked == 8:
        os.kill(os.getpid(), signal.SIGKILL)
    return interrupt()

with Interrupt() as interrupt:
    train(recipe, pathlib.Path("run"), device="cpu", stop=stop)
"""
    )
    done = subprocess.run(
        [sys.executable, *TORCHRUN[:-1], script],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode != 0
    assert "the processes lost each other" in done.stderr
    checkpoint = load(tmp_path / "run" / "last.pt")
    step = checkpoint["step"]
    assert 5 <= step <= 8  # some were asked about before the first step
    assert checkpoint["sampler"]["step"] == step
    resumed = tiny(schedule__steps=100_000, schedule__seconds=1e-3)
    assert train(resumed, tmp_path / "run", device="cpu", resume=True).reason == "seconds"
    assert load(tmp_path / "run" / "last.pt")["step"] == step + 1


@pytest.mark.parametrize(("cuda", "backend"), [(True, "nccl"), (False, "gloo")])
def test_processes_on_cards_speak_by_nccl(monkeypatch, cuda, backend):
    backends, chosen = [], []
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    for name, stand_in in (
        ("init_process_group", backends.append),
        *(("get_rank", lambda: 1), ("get_world_size", lambda: 2)),
        *(("barrier", lambda: None), ("destroy_process_group", lambda: None)),
    ):
        monkeypatch.setattr(torch.distributed, name, stand_in)
    with process_group() as group:
        assert (group.rank, group.size) == (1, 2)
        assert group.device == torch.device("cuda:1" if cuda else "cpu")
    assert backends == [backend]
    assert chosen == ([torch.device("cuda:1")] if cuda else [])
