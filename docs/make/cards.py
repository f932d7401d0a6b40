"""The cards of the networks that ship, made of `ticktone/models/*.toml`."""

from pathlib import Path
from typing import Any

from ticktone.methods import DEFAULT
from ticktone.models import Card, models, read_card
from ticktone.models.card import training_songs
from ticktone.models.refiner import LIVE_PATH, PATH, read_low_end
from ticktone.parts import SOURCES

INTRO = """# Model cards

The networks that ship with ticktone. Each is a method of its name:
`ticktone separate SONG --method NAME`, `ticktone.separate(audio, sample_rate, "NAME")`. Nothing is
downloaded, and the file's sha256 is checked before every use. How they were trained, and on what:
`docs/training.md`; how good they are on songs that chose nothing: `docs/evaluation.md`.

**For** music of any kind with drums in it, at any sample rate and in any number of channels.
**Not for** finding drums where there are none to be told apart from the rest (a piano alone, a
speaker alone: some of each attack counts as percussive), and not for splitting drums into pieces
of a kit, or the rest into instruments. Scores are means over whole songs in mono, as a network
separates when nothing is asked. Nothing was learnt from these songs, but the six of `validation`
chose networks' settings and so flatter them."""


def cards_page() -> str:
    """Write a section for each model, the default first."""
    shipped = sorted(models().items(), key=lambda item: item[0] != DEFAULT)
    sections = [section(name, path, read_card(path)) for name, path in shipped]
    refiners = [
        refiner_section("What refines the low end", PATH),
        refiner_section("What refines the low end of causal networks", LIVE_PATH),
    ]
    return "\n\n".join([INTRO, *sections, *refiners]) + "\n"


def refiner_section(title: str, path: Path) -> str:
    """Write the card of what refines the low end of the others."""
    card, content = read_low_end(path)
    training = card.training
    rows = {
        "architecture": f"{card.parameters:,} parameters (`ticktone.networks.low_end`)",
        "licence of the weights": card.licence,
        "size": f"{len(content) / 1e6:.2f} MB (ONNX)",
        "learnt from": training["data"].replace("docs/training.md", "`docs/training.md`"),
        "material": f"{training['songs']} songs, {training['examples']} examples of 8 s",
        "last training": f"{training['steps']:,} steps, for {training['model']}",
        "sha256": f"`{card.sha256}`",
    }
    heading = f"## {title}\n\nNo method by itself: see `docs/our-network.md`."
    return "\n".join([heading, "", *_table(rows)])


def section(name: str, path: Path, card: Card) -> str:
    """Write one model's card."""
    title = f"## {name}" + (", the default" if name == DEFAULT else "")
    rows: dict[str, Any] = {
        "architecture": f"`{card.network}`, {card.parameters:,} parameters",
        "paper": card.paper,
        "licence of the weights": card.licence,
        "size": f"{path.stat().st_size / 1e6:.1f} MB (ONNX)",
        "works at": f"{card.sample_rate:,} Hz; other recordings are resampled there and back",
        "STFT": f"{card.window} window of {card.window_length} samples, hop {card.hop_length}",
        "sees": f"{card.context} frames before and {card.look_ahead} after a frame",
        "answers for": f"{card.patch_frames} frames at a time, shown {card.margin_frames} more to "
        "either side",
        "low end refined": "yes, unless `refine=false`" if card.refine else "no, unless `refine`",
        **_training(path, card),
        **_scores(card),
        "sha256": f"`{card.sha256}`",
    }
    return "\n".join([title, "", *_table(rows)])


def _table(rows: dict[str, Any]) -> list[str]:
    lines = [f"| {key} | {_cell(value)} |" for key, value in rows.items() if value]
    return ["| | |", "|---|---|", *lines]


def _training(path: Path, card: Card) -> dict[str, Any]:
    training = card.training
    amount = f"{training['songs']} songs" if "songs" in training else ""
    if "hours" in training:
        amount += f", {training['hours']:.1f} hours"
    steps = training.get("steps")
    return {
        "learnt from": training.get("data", "").replace("docs/training.md", "`docs/training.md`"),
        "material": amount,
        "last training": f"{steps:,} steps" if steps else "",
        "songs' names": f"{len(training_songs(path) or ())} in `ticktone/models/provenance`"
        if training.get("songs_sha256")
        else "",
    }


def _scores(card: Card) -> dict[str, Any]:
    rows = {}
    for folder, songs in (("development", "ten"), ("validation", "six")):
        both = " / ".join(f"{card.scores[f'{folder}_{part}']:.2f}" for part in SOURCES[::-1])
        rows[f"SDR, percussive / harmonic, the {songs} songs of {folder}"] = f"{both} dB"
    return rows


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
