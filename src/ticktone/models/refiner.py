"""The networks that refine the low end of what other networks have found."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ticktone.errors import OptionError, TicktoneError
from ticktone.models.card import check_sum
from ticktone.options import from_table

PATH = Path(__file__).parent / "refinement" / "low-end.onnx"
LIVE_PATH = PATH.with_name("low-end-live.onnx")


@dataclass(frozen=True, kw_only=True)
class LowEndCard:
    """What is to be known of it.

    Attributes
    ----------
    licence : str
        Of the weights.
    sha256 : str
        Of the .onnx file.
    parameters : int
    training : dict
        The model whose parts it learnt to refine, the material and the settings.
    """

    licence: str
    sha256: str
    parameters: int
    training: dict[str, Any] = field(default_factory=dict)


def read_low_end(path: Path = PATH) -> tuple[LowEndCard, bytes]:
    """Read the card and the .onnx file beside it.

    Raises
    ------
    TicktoneError
        If one cannot be read, or they do not belong together.
    """
    try:
        content = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
        card = from_table(LowEndCard, content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, OptionError) as error:
        raise TicktoneError(f"has no card that can be read ({error})", path) from None
    return card, check_sum(path, card.sha256)
