"""The networks we ship, and any other exported one: NAME.onnx beside NAME.toml, its card."""

from importlib.resources import files
from pathlib import Path

from ticktone.models.card import Card, check_sum, read_card, training_songs

__all__ = ["Card", "check_sum", "models", "read_card", "training_songs"]


def models() -> dict[str, Path]:
    """List the models that ship with ticktone: name -> path of the .onnx file."""
    return {path.stem: path for path in sorted(_shipped().glob("*.onnx"))}


def _shipped() -> Path:
    return Path(str(files(__name__)))
