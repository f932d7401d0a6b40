"""The gallery: the examples run, and what they print and draw shown beside their text.

Each example is a script `examples/NAME.py` that is given a folder and writes `NAME.png` there. It
is run once, and again when it or the package has changed (`.cache/gallery` keeps what it made).
"""

import ast
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
CACHE = ROOT / ".cache" / "gallery"
# In the order of the page.
NAMES = (
    "hpss_picture",
    "drumless_track",
    "beats_of_drums",
    "chroma_and_key",
    "time_stretch",
    "evaluate_methods",
    "method_of_ones_own",
    "live",
    "folder_on_ray",
    "model_of_ones_own",
    "scikit_learn_pipeline",
    "torch_dataset",
)
INTRO = """# Gallery

Each example is a script in `examples/` that can be run as it stands, with the demo song; this page
ran them all, and the tests run them too. Their pictures need Matplotlib (`pip install '.[plot]'`),
and some need more, which they name: `pip install '.[docs]'` brings all of it (librosa,
scikit-learn, Ray, PyTorch)."""


def gallery_pages() -> dict[str, str | bytes]:
    """Run the examples and return the gallery's files by their paths."""
    package = _digest(sorted((ROOT / "src" / "ticktone").rglob("*.py")))
    entries, pages = [], {}
    for name in NAMES:
        source = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        title, rest = _docstring(source)
        printed = run(name, package)
        picture = f"![{title}]({name}.png)\n"
        pages[f"{name}.png"] = (CACHE / name / f"{name}.png").read_bytes()
        command = f"python examples/{name}.py"
        parts = [f"# {title}", rest, picture, f"```console\n$ {command}\n{printed}```"]
        parts.append(f'```python title="examples/{name}.py"\n{_without_docstring(source)}```')
        pages[f"{name}.md"] = "\n\n".join(parts) + "\n"
        entries.append(f"## [{title}]({name}.md)\n\n[![{title}]({name}.png)]({name}.md)")
    pages["index.md"] = "\n\n".join([INTRO, *entries]) + "\n"
    return pages


def run(name: str, package: str) -> str:
    """Run an example unless its last run still holds, and return what it printed."""
    digest = package + _digest([EXAMPLES / f"{name}.py"])
    folder = CACHE / name
    stamp, printed = folder / "digest", folder / "printed"
    if not (stamp.exists() and stamp.read_text() == digest):
        folder.mkdir(parents=True, exist_ok=True)
        for _ in range(3 if name == "folder_on_ray" else 1):  # a busy machine has Ray give up
            done = subprocess.run(
                [sys.executable, str(EXAMPLES / f"{name}.py"), str(folder)],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"},
            )
            if not done.returncode:
                break
        if done.returncode:
            raise RuntimeError(f"examples/{name}.py failed:\n{done.stderr}")
        printed.write_text(done.stdout, encoding="utf-8")
        stamp.write_text(digest)
    return printed.read_text(encoding="utf-8")


def _digest(paths: list[Path]) -> str:
    together = hashlib.sha256()
    for path in paths:
        together.update(path.read_bytes())
    return together.hexdigest()


def _docstring(source: str) -> tuple[str, str]:
    """Return the title and the rest of a script's docstring."""
    words = ast.get_docstring(ast.parse(source)) or ""
    title, _, rest = words.partition("\n")
    return title.rstrip("."), rest.strip("\n")  # an indented line that comes first is code


def _without_docstring(source: str) -> str:
    end = ast.parse(source).body[0].end_lineno or 0
    return "\n".join(source.splitlines()[end:]).lstrip("\n") + "\n"
