"""What `ticktone site` writes, and when it refuses to."""

import io
import json
import re
import shutil
import subprocess
import tarfile
from importlib.resources import files
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from ticktone.errors import TicktoneError
from ticktone.methods.network import Network
from ticktone.site import html, runtime
from ticktone.site.settings import model_settings

PAGE = Path(str(files("ticktone.page"))) / "static"
SITE = Path(str(files("ticktone.site"))) / "static"


@pytest.fixture
def small_runtime(monkeypatch):
    """Have a runtime that is quick to compress; nothing is run here."""
    monkeypatch.setattr(runtime, "fetch_runtime", lambda given: (b"script", b"\0asm"))


def test_everything_that_is_named_is_there(run, small_runtime, tmp_path):
    assert run("site", "-o", tmp_path / "site").returncode == 0
    names = {str(path.relative_to(tmp_path / "site")) for path in (tmp_path / "site").rglob("*.*")}
    kept = json.loads((tmp_path / "site/site_files.js").read_text().split("= ")[1].rstrip(";\n"))
    unkept = {"index.html", "service_worker.js", "site_files.js", "_headers"}
    assert {*kept["files"]} == {"./", *names} - unkept
    for name in names:
        content = (tmp_path / "site" / name).read_bytes()
        if name.endswith((".js", ".html")) and not name.startswith("ort/"):
            text = content.decode()
            asked = re.findall(r'(?:from|href=|src=|URL\()\s*"([^"#\s]+\.[^"#\s]+)"', text)
            beside = (tmp_path / "site" / name).parent
            for address in asked:
                assert not address.startswith(("/", "http")), (name, address)
                assert (beside / address).exists(), (name, address)
    manifest = json.loads((tmp_path / "site/manifest.webmanifest").read_text())
    for icon in manifest["icons"][:3]:
        width = int(icon["sizes"].split("x")[0])
        content = (tmp_path / "site" / icon["src"]).read_bytes()
        picture = matplotlib.image.imread(io.BytesIO(content), "png")
        assert picture.shape == (width, width, 4)
        is_maskable = icon.get("purpose") == "maskable"
        assert picture[0, 0, 3] == (1 if is_maskable else 0)
        assert np.ptp(picture[..., :3]) > 0.5
    for model in json.loads((tmp_path / "site/models.json").read_text())["models"]:
        card = Network(model=model["name"]).card
        assert model["patch"] == card.patch_frames
        assert model["margin"] == card.margin_frames
        written = (tmp_path / "site/models" / model["file"]).read_bytes()
        assert written == Network(model=model["name"]).path.read_bytes()


@pytest.mark.slow
def test_a_site_is_replaced_and_nothing_else_is(run, small_runtime, tmp_path):
    first = run("site", "-o", tmp_path / "site", "--model", "folded-3w-unet-int8")
    assert first.returncode == 0
    (tmp_path / "site/old.js").write_text("")
    before = (tmp_path / "site/site_files.js").read_bytes()
    assert run("site", "-o", tmp_path / "site", "--model", "folded-3w-unet").returncode == 0
    assert not (tmp_path / "site/old.js").exists()
    assert len(list((tmp_path / "site/models").iterdir())) == 2  # and what refines its low end
    assert (tmp_path / "site/site_files.js").read_bytes() != before  # so browsers take it anew
    (tmp_path / "music").mkdir()
    (tmp_path / "music/song.wav").touch()
    refused = run("site", "-o", tmp_path / "music")
    assert refused.returncode == 1
    assert "holds other files" in refused.stderr
    assert [path.name for path in (tmp_path / "music").iterdir()] == ["song.wav"]


def test_what_the_engine_does_not_do_is_refused(run, small_runtime, tmp_path):
    done = run("site", "-o", tmp_path / "site", "--model", "median")
    assert done.returncode == 1
    assert "median is no network" in done.stderr
    model = Network(model="folded-3w-unet").path
    shutil.copy(model, tmp_path / "own.onnx")
    card = model.with_suffix(".toml").read_text()
    for change, why in (
        (
            {"log1p, then [": "square root, then ["},
            "square root, then [minimum, maximum] to [0, 1]', which the site does not",
        ),
        ({"h = 1024": "h = 1000", "h = 512": "h = 500"}, "powers of two"),
    ):
        changed = card
        for old, new in change.items():
            changed = changed.replace(old, new)
        (tmp_path / "own.toml").write_text(changed)
        done = run("site", "-o", tmp_path / "site", "--model", tmp_path / "own.onnx")
        assert done.returncode == 1
        assert why in done.stderr
    assert not (tmp_path / "site").exists()


def test_a_runtime_that_is_not_the_pinned_one_is_refused(run, tmp_path):
    folder = tmp_path / "package"
    (folder / "dist").mkdir(parents=True)
    for name in runtime._HASHES:
        (folder / "dist" / name).write_bytes(b"something else")
    with tarfile.open(tmp_path / "package.tgz", "w:gz") as archive:
        archive.add(folder, "package")
    for given in (folder, tmp_path / "package.tgz"):
        done = run("site", "-o", tmp_path / "site", "--runtime", given)
        assert done.returncode == 1
        assert "sha256 differs" in done.stderr
    (tmp_path / "no.tgz").write_bytes(b"no archive")
    for given, why in ((tmp_path / "no.tgz", "cannot be read"), (tmp_path / "not", "no such")):
        assert why in run("site", "-o", tmp_path / "site", "--runtime", given).stderr


def test_without_npm_it_says_what_to_do(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("site", "-o", tmp_path / "site")
    assert done.returncode == 1
    assert "npm pack onnxruntime-web@" in done.stderr
    monkeypatch.setattr(shutil, "which", lambda name: name)

    def fail(command, **_):
        raise subprocess.CalledProcessError(1, command, stderr="npm error network\n")

    monkeypatch.setattr(subprocess, "run", fail)
    done = run("site", "-o", tmp_path / "site")
    assert "npm cannot fetch onnxruntime-web" in done.stderr
    assert "npm error network" in done.stderr


def test_the_engine_has_the_interface_of_the_server():
    """So that the page's own files need know nothing of it."""
    pattern = r"^export (?:async )?function (\w+)"
    names = (
        sorted(re.findall(pattern, path.read_text(), re.MULTILINE))
        for path in (PAGE / "api.js", SITE / "local.js")
    )
    assert next(names) == next(names)


def test_a_page_that_has_changed_is_noticed():
    page = (PAGE / "index.html").read_text()
    assert "openapi" not in html.adapted(page)
    assert "mp3" not in html.adapted(page)
    with pytest.raises(ValueError, match="not one"):
        html.adapted(page.replace("openapi.json", "elsewhere.json"))


@pytest.mark.parametrize("refine", [False, True])
@pytest.mark.parametrize("name", ["folded-3w-unet", "dws"])
def test_settings_are_the_cards_and_the_options(name, refine):
    method = Network(model=name, refine=refine)
    settings = model_settings(method)
    assert settings["stft"]["hop_length"] == method.card.hop_length
    assert (settings["refinement"] is not None) == refine
    assert json.loads(json.dumps(settings)) == settings


def test_a_model_of_two_windows_is_refused():
    with pytest.raises(TicktoneError, match="two windows at once, which the site does not"):
        model_settings(Network(model="folded-3w-unet-causal", refine=True))
    assert model_settings(Network(model="folded-3w-unet-causal", refine=False))["ahead"] == 0
