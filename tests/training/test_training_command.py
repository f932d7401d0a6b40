"""`ticktone train`, and what stops it."""

import signal
import sys

import pytest
import typer
from typer.testing import CliRunner

from tests.support.patience import PATIENCE, wait_until
from tests.training.conftest import written
from ticktone.cli import train as cli
from ticktone.training import TrainingResult, load, recipe_from, train
from ticktone.training.interrupt import Interrupt


@pytest.fixture
def in_process(tmp_path, monkeypatch):
    """Run `ticktone train` in this process, which is quicker."""
    app = typer.Typer()
    app.command()(cli.train)
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield lambda *arguments: CliRunner().invoke(app, [*map(str, arguments)])
    signal.signal(signal.SIGTERM, before)


@pytest.mark.slow
def test_the_command_line(tiny, tmp_path, in_process):
    recipe = written(tiny(), tmp_path / "mine.toml")
    done = in_process(recipe, "--device", "cpu", "--set", "schedule.epochs=1")
    assert done.exit_code == 0, done.stderr
    assert "epoch 1: " in done.stdout
    assert "percussive SDR" in done.stdout
    assert "runs/mine: finished at step 3, all epochs are done" in done.stdout
    assert (tmp_path / "runs" / "mine" / "best.pt").exists()
    done = in_process(recipe, "--device", "cpu", "--resume", "--quiet")
    assert done.exit_code == 0
    assert done.output == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "data.path=none"], "none: is not a folder; check the spelling"),
        (["--device", "tpu"], "unknown device 'tpu'; there are: auto, cpu, cuda"),
        (["--resume"], "runs/mine/last.pt: there is nothing to resume; omit --resume"),
    ],
)
def test_mistakes_on_the_command_line(tiny, tmp_path, in_process, arguments, message):
    done = in_process(written(tiny(), tmp_path / "mine.toml"), *arguments)
    assert done.exit_code == 1
    assert done.stderr == f"ticktone: {message}\n"


def test_without_torch(tmp_path, in_process, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    done = in_process(tmp_path / "mine.toml")
    assert done.exit_code == 1
    assert done.stderr.startswith("ticktone: training needs PyTorch; install it by: pip install")


@pytest.mark.slow
def test_a_signal_saves_and_stops(tiny, tmp_path, command):
    recipe = written(tiny(), tmp_path / "mine.toml")
    run = tmp_path / "run"
    arguments = (recipe, "--run", run, "--device", "cpu", "--set", "schedule.epochs=0")
    process = command(*arguments, "--set", "schedule.stop_after=1000000")
    wait_until((run / "last.pt").exists)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, errors
    before = load(run / "last.pt")["step"]
    assert errors.splitlines()[-1] == (
        f"ticktone: interrupted at step {before}, saved as {run / 'last.pt'}; "
        "--resume goes on from there"
    )
    limited = recipe_from({**tiny().as_table(), "schedule": {"steps": 3, "seconds": 1e-3}})
    assert train(limited, run, device="cpu", resume=True).reason == "seconds"
    assert load(run / "last.pt")["step"] == before + 1


def test_a_training_that_stops_names_its_step_and_its_checkpoint(tmp_path):
    def told(reason, step, saved):
        return cli._end(TrainingResult(reason, tmp_path, [], step, saved))

    last = tmp_path / "last.pt"
    assert told("seconds", 7, 7) == (
        f"stopped, the time is up, at step 7, saved as {last}; --resume goes on from there"
    )
    assert told("seconds", 7, 3).endswith(
        f"not saved, as its loss is not finite: {last} is of step 3"
    )
    assert told("seconds", 7, 0).endswith("at step 7; not saved, as its loss is not finite")
    assert told("plateau", 7, 7) == "finished at step 7, it no longer got better"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_noted_once(signum, monkeypatch):
    before = signal.getsignal(signum)
    with Interrupt() as interrupt:
        assert not interrupt()
        signal.raise_signal(signum)
        signal.raise_signal(signum)
        assert interrupt()
        assert interrupt.signum == signum
        monkeypatch.setattr("ticktone.training.interrupt.PATIENCE", 0.0)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signum)
    assert signal.getsignal(signum) == before
