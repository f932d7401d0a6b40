import importlib
import subprocess
import sys
from importlib.metadata import version

import pytest

import ticktone


def test_every_public_name_is_there():
    for name in ticktone.__all__:
        assert getattr(ticktone, name) is not None
    assert ticktone.__version__ == version("ticktone")
    importlib.import_module("ticktone.methods.median")
    assert callable(ticktone.methods)  # and not the room of that name
    with pytest.raises(AttributeError, match="nonsense"):
        _ = ticktone.nonsense  # type: ignore[attr-defined]


def test_importing_loads_nothing_heavy():
    heavy = {"torch", "onnxruntime", "scipy", "numpy", "matplotlib", "rich", "soundfile"}
    code = "import sys, ticktone; print(sorted(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert not heavy & set(eval(loaded))


@pytest.mark.slow
def test_separating_loads_neither_torch_nor_scipy_signal():
    code = (
        "import sys, numpy, ticktone;"
        "ticktone.separate(numpy.zeros(9000, 'f4'), 44100);"
        "print([m for m in ('torch', 'scipy.signal', 'librosa', 'rich') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
