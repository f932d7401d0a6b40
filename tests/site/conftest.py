import json
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

ENGINE = Path(str(files("ticktone.site"))) / "static" / "engine"
HARNESS = Path(__file__).with_name("harness.mjs")


@pytest.fixture
def javascript(tmp_path):
    """Return a function that runs JavaScript over the engine's modules.

    It takes the body of an async function of `given` (the values, arrays and files) and `tools`
    (`load`, `blocks`, `gathered`), and returns what that returns: arrays as arrays, flat.
    """

    def run(body, **given):
        arrays, values, paths = {}, {}, {}
        for name, value in given.items():
            if isinstance(value, np.ndarray):
                (tmp_path / f"{name}.given").write_bytes(np.ascontiguousarray(value).tobytes())
                about = {"type": str(value.dtype), "shape": value.shape}
                arrays[name] = {"name": f"{name}.given", **about}
            elif isinstance(value, Path):
                paths[name] = str(value)
            else:
                values[name] = value
        told = {"arrays": arrays, "values": values, "files": paths}
        (tmp_path / "given.json").write_text(json.dumps(told))
        (tmp_path / "work.mjs").write_text(
            f"export default async (given, {{ load, blocks, gathered }}) => {{\n{body}\n}};\n"
        )
        done = subprocess.run(
            ["node", str(HARNESS), str(tmp_path), str(ENGINE)],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads((tmp_path / "answer.json").read_text())
        return answer["values"] | {
            name: np.fromfile(tmp_path / f"{name}.answer", kind)
            for name, kind in answer["arrays"].items()
        }

    return run
