"""ONNX Runtime for browsers: fetched from npm when a site is written, pinned and checked."""

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ticktone.errors import TicktoneError

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
LICENCE = "MIT, Copyright (c) Microsoft Corporation"
# What a site takes of it, with the sha256 of each.
_HASHES = {
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": (
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"
    ),
}
_PATIENCE = 600.0  # seconds for 33 MB


def fetch_runtime(given: Path | None = None) -> tuple[bytes, bytes]:
    """Return the two files of the runtime: its JavaScript and its WebAssembly.

    Parameters
    ----------
    given : Path, optional
        The package as ``npm pack`` writes it (.tgz), or the folder that holds it unpacked.
        Default: it is fetched by ``npm pack``, the one thing in ticktone that uses a network.

    Returns
    -------
    script, wasm : bytes

    Raises
    ------
    TicktoneError
        If there is no npm, it cannot fetch the package, or a file is not the one that is expected.
    """
    if given is not None:
        return _checked(given)
    with TemporaryDirectory() as folder:
        return _checked(_pack(Path(folder)))


def _pack(folder: Path) -> Path:
    npm = shutil.which("npm")
    wanted = f"{PACKAGE}@{VERSION}"
    if npm is None:
        raise TicktoneError(
            f"npm is not installed, which fetches {wanted}; install Node.js, or fetch the package "
            f"elsewhere by `npm pack {wanted}` and give it as --runtime"
        )
    command = [npm, "pack", wanted, "--pack-destination", str(folder), "--silent"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout).strip().splitlines() or ["no reason given"]
        raise TicktoneError(f"npm cannot fetch {wanted}: {lines[-1]}") from None
    except subprocess.TimeoutExpired:
        raise TicktoneError(f"npm did not fetch {wanted} in {_PATIENCE / 60:.0f} minutes") from None
    return next(folder.glob("*.tgz"))


def _checked(package: Path) -> tuple[bytes, bytes]:
    try:
        found = _from_folder(package) if package.is_dir() else _from_tarball(package)
    except FileNotFoundError:
        raise TicktoneError("no such file or folder", package) from None
    except (OSError, tarfile.TarError) as error:
        raise TicktoneError(f"cannot be read ({error})", package) from None
    for name, digest in _HASHES.items():
        if name not in found:
            raise TicktoneError(f"does not hold dist/{name}; it is not {PACKAGE}", package)
        if hashlib.sha256(found[name]).hexdigest() != digest:
            raise TicktoneError(
                f"dist/{name} is not that of {PACKAGE} {VERSION} (sha256 differs)", package
            )
    script, wasm = (found[name] for name in _HASHES)
    return script, wasm


def _from_folder(folder: Path) -> dict[str, bytes]:
    paths = {name: folder / "dist" / name for name in _HASHES}
    return {name: path.read_bytes() for name, path in paths.items() if path.exists()}


def _from_tarball(path: Path) -> dict[str, bytes]:
    """Read only the members that are wanted; nothing is unpacked."""
    found = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if name.parent.name == "dist" and name.name in _HASHES:
                file = archive.extractfile(member)
                if file is not None:
                    found[name.name] = file.read()
    return found
