"""Write the site: the page's own files, the engine in place of the server, models, runtime."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from ticktone import __version__
from ticktone.errors import TicktoneError
from ticktone.methods import PURPOSES, make_method
from ticktone.methods.network import Network
from ticktone.models.refiner import read_low_end
from ticktone.site import html, runtime
from ticktone.site.icons import draw_icon
from ticktone.site.settings import model_settings

# The first is chosen unless the visitor chooses.
MODELS = tuple(purpose.method for purpose in PURPOSES if purpose.name in ("best", "fast"))
LIMITS = {"upload": 1_000_000_000, "duration": 20 * 60, "keep": 60 * 60}  # as the server's
_INDEX = "index.html"
_COLOUR = "#14202b"
# Sent by the service worker, and by hosts that read the file `_headers`.
_HEADERS = {
    "content-security-policy": f"{html.POLICY}; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

Files = dict[str, bytes]


def write_site(
    output: Path, models: Sequence[str] = MODELS, package: Path | None = None
) -> dict[str, int]:
    """Write the page as a folder that any static host serves, at any path.

    Parameters
    ----------
    output : Path
        A new or empty folder, or one that holds a site already, which is replaced.
    models : sequence of str
        Names of models or paths of .onnx files; the first is chosen unless the visitor chooses.
    package : Path, optional
        Of onnxruntime-web; see `ticktone.site.runtime.fetch_runtime`.

    Returns
    -------
    dict
        Bytes of each file that the page loads, compressed by gzip as hosts do, by its path.

    Raises
    ------
    TicktoneError
        If the folder holds something else, a model cannot be used, or the runtime not be had.
    """
    _refuse_others(output)
    site = {**_page(), **_models(models), **_runtime(package), **_icons()}
    site["site_files.js"] = _listed(site)
    site["_headers"] = _header_file()
    old = {path for path in output.rglob("*") if path.is_file()} if output.exists() else set()
    for name, content in site.items():
        path = output / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise TicktoneError(f"cannot be written: {error.strerror}", path) from None
        old.discard(path)
    for path in old:
        path.unlink()
    return {
        name: min(len(content), len(gzip.compress(content, 9, mtime=0)))
        for name, content in site.items()
        if name != "_headers"
    }


def _refuse_others(output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise TicktoneError("is a file, not a folder", output)
    if output.is_dir() and any(output.iterdir()) and not (output / "site_files.js").exists():
        raise TicktoneError("holds other files; choose a new or empty folder", output)


def _page() -> Files:
    """Return the page's own files, with the engine where the server's interface was."""
    static = files("ticktone.page").joinpath("static")
    page = {file.name: file.read_bytes() for file in static.iterdir()}
    page[_INDEX] = html.adapted(page[_INDEX].decode()).encode()
    own = files("ticktone.site").joinpath("static")
    for file in own.iterdir():
        if file.is_file():
            page[file.name] = file.read_bytes()
    page["api.js"] = page.pop("local.js")
    for file in own.joinpath("engine").iterdir():
        page[f"engine/{file.name}"] = file.read_bytes()
    return page


def _models(names: Sequence[str]) -> Files:
    found: Files = {}
    settings = []
    for name in names:
        method = make_method(name)
        if not isinstance(method, Network):
            raise TicktoneError(f"{name} is no network, and the site runs nothing else")
        settings.append(model_settings(method))
        found[f"models/{settings[-1]['file']}"] = method.path.read_bytes()
        if (refinement := settings[-1]["refinement"]) is not None:
            found[f"models/{refinement['file']}"] = read_low_end()[1]
    offered = {entry["name"] for entry in settings}
    purposes = [asdict(purpose) for purpose in PURPOSES if purpose.method in offered]
    found["models.json"] = _json({"limits": LIMITS, "purposes": purposes, "models": settings})
    return found


def _runtime(package: Path | None) -> Files:
    script, wasm = runtime.fetch_runtime(package)
    name = f"ONNX Runtime ({runtime.PACKAGE} {runtime.VERSION}): {runtime.LICENCE}"
    licence = files("ticktone.site").joinpath("licences.txt").read_text(encoding="utf-8")
    return {
        "ort/ort.js": script,
        # Compressed here, for not every host does so.
        "ort/ort.wasm.gz": gzip.compress(wasm, 9, mtime=0),
        "licences.txt": licence.replace("RUNTIME", name).encode(),
    }


def _icons() -> Files:
    svg = files("ticktone.page").joinpath("static").joinpath("icon.svg").read_text()
    icons = {
        "icon-192.png": draw_icon(svg, 192),
        "icon-512.png": draw_icon(svg, 512),
        "icon-maskable.png": draw_icon(svg, 512, maskable=True),
    }
    manifest = {
        "name": "ticktone",
        "short_name": "ticktone",
        "description": html.DESCRIPTION,
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": _COLOUR,
        "theme_color": _COLOUR,
        "icons": [
            {"src": "icon-192.png", "sizes": "192x192", "type": "image/png"},
            {"src": "icon-512.png", "sizes": "512x512", "type": "image/png"},
            {
                **{"src": "icon-maskable.png", "sizes": "512x512", "type": "image/png"},
                "purpose": "maskable",
            },
            {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"},
        ],
    }
    return {**icons, "manifest.webmanifest": _json(manifest)}


def _listed(site: Files) -> bytes:
    """List what the service worker keeps; it is another version when any byte is another."""
    names = sorted("./" if name == _INDEX else name for name in site)
    names.remove("service_worker.js")
    digest = hashlib.sha256()
    for name in sorted(site):
        digest.update(f"{name} {hashlib.sha256(site[name]).hexdigest()}\n".encode())
    digest.update(json.dumps(_HEADERS).encode())
    known = {
        "version": f"{__version__} {digest.hexdigest()[:16]}",
        "files": names,
        "headers": _HEADERS,
    }
    return f"self.SITE = {json.dumps(known, indent=2)};\n".encode()


def _header_file() -> bytes:
    lines = [f"  {name}: {value}" for name, value in _HEADERS.items()]
    return "\n".join(["/*", *lines, ""]).encode()


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
