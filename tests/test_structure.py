"""The floor plan: which rooms may import which, how long a file may be, and who imports PyTorch."""

import ast
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "ticktone").rglob("*.py"))


@pytest.mark.slow
def test_imports_run_one_way():
    """The contracts stand in pyproject.toml, under [tool.importlinter]."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_no_file_is_long():
    lengths = {path.name: len(path.read_text().splitlines()) for path in SOURCES}
    assert not {name: lines for name, lines in lengths.items() if lines >= 400}


def test_every_module_says_what_it_holds():
    bare = [path for path in SOURCES if ast.get_docstring(tree(path)) is None]
    assert not bare


def test_only_networks_and_training_import_torch():
    rooms = {path.relative_to(ROOT / "src" / "ticktone").parts[0] for path in importers("torch")}
    assert rooms == {"networks", "training"}


def importers(package: str) -> list[Path]:
    """List the files that import a package, wherever in the file."""
    found = []
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.append(node.module)
            if any(name.split(".")[0] == package for name in names):
                found.append(path)
    return found


def test_names_stand_once():
    """A class or a file that is spoken of by its name alone is the only one of that name."""
    files = Counter(path.name for path in SOURCES if path.name != "__init__.py")
    classes = Counter(
        node.name for path in SOURCES for node in tree(path).body if isinstance(node, ast.ClassDef)
    )
    assert not [name for name, count in (files + classes).items() if count > 1]
