"""Files of licences: which licence the sources that match a pattern are under."""

from pathlib import Path

from ticktone.errors import TicktoneError


def read_rules(path: Path) -> tuple[tuple[str, str], ...]:
    """Read a file of lines ``PATTERN = LICENCE``; empty lines and those after ``#`` do not count.

    Returns
    -------
    tuple of (str, str)
        For `Licences`: the first that matches a path counts.

    Raises
    ------
    TicktoneError
        If it cannot be read, or a line is not of that form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or "it is not UTF-8"
        raise TicktoneError(f"cannot be read: {cause}", path) from None
    rules = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pattern, _, text = (word.strip() for word in line.partition("="))
        if not pattern or not text:
            raise TicktoneError(f"line {number} is not of the form PATTERN = LICENCE", path)
        rules.append((pattern, text))
    return tuple(rules)
