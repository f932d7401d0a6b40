"""README and documentation: commands and files that exist, code that runs, pages that are whole."""

import importlib.util
import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

import ticktone
from ticktone.cli.commands import app
from ticktone.models import models, read_card

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MADE = {"commands.md", "models.md", "changelog.md", "contributing.md"}  # by the site's build
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(
    r"\b(?:benchmarks|examples|recipes|docs|tests)/[\w./-]+\.(?:py|toml|md|png|ogg)\b"
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall(page.read_text()) if kind == language]


def commands(page: Path) -> list[list[str]]:
    """List the words of each call of ticktone in a page's shell blocks."""
    lines = "\n".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    calls = (line.split("ticktone ", 1) for line in lines if re.search(r"(^|[\s/])ticktone ", line))
    return [shlex.split(call[1], comments=True) for call in calls]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_their_options_exist(page):
    for words in commands(page):
        command = typer.main.get_command(app)
        while hasattr(command, "commands") and words and not words[0].startswith("-"):
            assert words[0] in command.commands, words
            command, words = command.commands[words[0]], words[1:]
        known = {"--help", "-h"}
        for parameter in command.params:
            known.update((*parameter.opts, *parameter.secondary_opts))
        given = {word.split("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)}
        assert not {word for word in given if word != "-inf"} - known, (command.name, words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page):
    text = page.read_text()
    named = {ROOT / name for name in FILE.findall(text)}
    for target in LINK.findall(text):
        if "//" not in target and not target.startswith("gallery/"):
            named.add((page.parent / target).resolve())
    gone = {path for path in named if not path.exists()}
    assert not {path for path in gone if path.name not in MADE}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:audioread")  # which librosa.load imports
@pytest.mark.parametrize("name", ["README.md", "docs/index.md", "docs/adapters.md"])
def test_python_in_pages_runs(name, tmp_path, monkeypatch):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    audio = np.random.default_rng(0).normal(0, 0.1, (2, 44_100)).astype(np.float32)
    names = {"audio": audio, "sample_rate": 44_100, "blocks": [audio], "y": audio[0]}
    for code in blocks(ROOT / name, "python"):
        exec(compile(code, name, "exec"), names)
    for part in ("harmonic", "percussive"):
        assert np.isfinite(names[part]).all()
    if "parts_of" in names:  # a loader as mirdata's
        track = type("Track", (), {"audio": (audio, 44_100)})
        tracks = {"1": track, "2": type("Track", (), {"audio": None})}
        dataset = type("Dataset", (), {"load_tracks": lambda self: tracks})()
        ((found, parts),) = names["parts_of"](dataset, method="median")
        assert found == "1"
        np.testing.assert_allclose(sum(parts), audio, atol=1e-6)


@pytest.fixture(scope="module")
def make():
    """The modules that make the site."""
    folder = ROOT / "docs" / "make"
    found = {}
    for name in ("commands", "cards", "links"):
        spec = importlib.util.spec_from_file_location(f"make_{name}", folder / f"{name}.py")
        found[name] = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = found[name]
        spec.loader.exec_module(found[name])
    return found


def test_reference_of_commands(make):
    page = make["commands"].commands_page()
    for name in ("separate", "remix", "stretch", "corpus render", "corpus synthesise", "train"):
        assert f"## ticktone {name}\n" in page
    assert "| `--method`, `-m` | `folded-3w-unet` |" in page
    assert "| `--complement`, `--no-complement` | `--complement` |" in page
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)
    assert all(re.search(r"\| [^|]*\w[^|]* \|$", row) for row in rows), "an option without help"


def test_cards_of_models(make):
    page = make["cards"].cards_page()
    for name, path in models().items():
        card = read_card(path)
        section = page.split(f"## {name}")[1].split("\n## ")[0]
        assert card.sha256 in section
        assert f"{card.parameters:,} parameters" in section
        assert f"| {card.licence} |" in section
    assert page.index(", the default") < page.index("## 3w-unet")


def test_faults_of_a_site_are_found(make, tmp_path):
    (tmp_path / "there.html").write_text('<h1 id="top">')
    (tmp_path / "index.html").write_text(
        '<link rel="canonical" href="https://elsewhere.org/"><a href="https://elsewhere.org/">'
        '<a href="there.html#top"><a href="there.html#bottom"><img src="gone.png">'
        '<script src="https://elsewhere.org/x.js"></script>'
    )
    reasons = [line.split(": ", 1)[1] for line in make["links"].faults(tmp_path)]
    assert reasons == [
        "there.html#bottom: no such place on that page",
        "gone.png: no such file",
        "https://elsewhere.org/x.js: loaded from elsewhere",
    ]


def test_every_public_name_is_in_the_reference():
    text = (ROOT / "docs" / "api.md").read_text()
    public = set(ticktone.__all__) - {"__version__"}
    assert not {
        name for name in public if not re.search(rf"^::: ticktone\.(\w+\.)?{name}$", text, re.M)
    }
