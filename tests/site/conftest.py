import json
import os
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from ticktone.errors import TicktoneError
from ticktone.site import runtime
from ticktone.site.build import write_site

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


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """Fetch ONNX Runtime for browsers once, by npm."""
    try:
        return runtime._pack(tmp_path_factory.mktemp("npm"))
    except TicktoneError as error:
        if os.environ.get("TICKTONE_ALL_PROGRAMS"):
            pytest.fail(error.cause)
        pytest.skip(error.cause)


@pytest.fixture(scope="session")
def written_site(tmp_path_factory, package):
    """Write the site once."""
    folder = tmp_path_factory.mktemp("site") / "site"
    write_site(folder, package=package)
    return folder


class Host(ThreadingHTTPServer):
    """A host of static files, as dull as any, under a path of its own."""

    def __init__(self, folder, headers):
        self.asked = []
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.headers = headers
        self.address = f"http://127.0.0.1:{self.server_port}/{Handler.path_of_site}/"


class Handler(SimpleHTTPRequestHandler):
    server: Host
    path_of_site = "music/ticktone"

    def translate_path(self, path):
        self.server.asked.append(path)
        beginning = f"/{self.path_of_site}/"
        return super().translate_path(path.removeprefix(beginning) if beginning in path else "/-")

    def end_headers(self):
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def hosting(folder, headers=None):
    with Host(folder, headers or {}) as host:
        thread = threading.Thread(target=host.serve_forever)
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()
