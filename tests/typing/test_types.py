"""What users see of our types, by mypy --strict and by pyright."""

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

import ticktone
from ticktone.methods import PURPOSES, make_method
from ticktone.models import models
from ticktone.signatures import HPROptions, MedianOptions, SeparatorOptions, TwoPartMethod

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"


def mypy(path, tmp_path):
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    command += ["--follow-imports=silent", f"--cache-dir={tmp_path}", str(path)]
    environment = {**os.environ, "MYPYPATH": str(SOURCE)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert not done.stderr
    lines = [line.split(":", 3) for line in done.stdout.splitlines() if ": error: " in line]
    return {int(line[1]): ":".join(line[2:]) for line in lines}


def pyright(path, tmp_path):
    pytest.importorskip("basedpyright", reason="the package basedpyright is missing")
    settings = tmp_path / "pyrightconfig.json"
    settings.write_text(
        json.dumps(
            {
                "typeCheckingMode": "strict",
                "include": [str(path)],
                "extraPaths": [str(SOURCE)],
                "pythonVersion": "3.11",
                "reportUnusedVariable": False,
            }
        )
    )
    command = [sys.executable, "-m", "basedpyright", "--project", str(settings), "--outputjson"]
    command += ["--pythonpath", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    found = json.loads(done.stdout)["generalDiagnostics"]
    errors = [entry for entry in found if entry["severity"] == "error"]
    return {entry["range"]["start"]["line"] + 1: entry["message"] for entry in errors}


@pytest.mark.slow
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_script_with_every_public_name_passes(checker, tmp_path):
    assert checker(HERE / "user_script.py", tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_every_mistake_is_found(checker, tmp_path):
    path = HERE / "user_mistakes.py"
    lines = path.read_text().splitlines()
    mistakes = {number for number, line in enumerate(lines, 1) if line.endswith("# mistake")}
    assert set(checker(path, tmp_path)) == mistakes


def test_the_script_has_every_public_name():
    text = (HERE / "user_script.py").read_text()
    for name in ticktone.__all__:
        assert f"ticktone.{name}" in text


def test_the_types_know_every_method_and_option():
    known = set(get_args(TwoPartMethod))
    purposes = {purpose.name for purpose in PURPOSES}
    assert known | {"median", "hpr", "classic"} == {*ticktone.methods(), *purposes}
    assert all(len(make_method(name).parts) == 2 for name in known)
    assert set(models()) < known
    for name, options, apart in (
        ("median", MedianOptions, "margin"),
        ("hpr", HPROptions, "residual"),
    ):
        made: Any = make_method(name)
        known = {field.name for field in fields(made)} - {"name", "paper"}
        assert set(options.__annotations__) - set(SeparatorOptions.__annotations__) == (
            known - {apart}
        )
