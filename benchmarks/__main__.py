"""Run any or all of the benchmarks and write what they print to one Markdown file.

    python -m benchmarks [NAME ...] [-o FILE] [--stems FOLDER]

Without names, all that need nothing but this checkout; with --stems, those that score songs too.
The file begins with the machine, its processor's features and the versions of the libraries:
figures of two machines are not to be compared, ratios within a run are.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8")
LIBRARIES = ("ticktone", "numpy", "scipy", "soundfile", "soxr", "onnxruntime", "librosa")
# What each is run with; "STEMS" stands for the folder of songs.
RUNS: dict[str, list[list[str]]] = {
    "speed": [[]],
    "files": [["40", "folded-3w-unet", "folded-3w-unet-small", "median"]],
    "streaming": [["folded-3w-unet-causal"], ["folded-3w-unet-causal", "0", "48000"]],
    "clips": [[]],
    "networks": [[]],
    "memory": [["folded-3w-unet", "median"]],
    "startup": [[]],
    "archive": [["stages"], ["throughput"], ["memory"]],
    "phase": [[], ["STEMS", "median"]],
    "corpus": [["STEMS"]],
    "uses": [["STEMS"]],
    "intervals": [["500"]],
}


def machine() -> list[str]:
    """Return lines that say on what the figures were measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), ""
    )
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    found = [name for name in FEATURES if name in flags]
    missing = [name for name in FEATURES if name not in flags]
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        f"- {time.strftime('%Y-%m-%d')}, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}",
        f"- processor: {model or platform.processor()}, {cores} cores",
        f"- features: {', '.join(found) or 'none of'} (not: {', '.join(missing) or 'none'})",
        f"- {versions}",
        f"- load when begun: {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RUNS))
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks.md"))
    parser.add_argument("--stems", help="a folder of songs in stems")
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - RUNS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(RUNS)}")
    report = ["# Benchmarks", "", *machine()]
    failed = False
    for name in wanted.names or RUNS:
        for arguments in RUNS[name]:
            if "STEMS" in arguments and wanted.stems is None:
                continue
            given = [wanted.stems if word == "STEMS" else word for word in arguments]
            command = ["python", f"benchmarks/{name}.py", *given]
            print(*command, flush=True)
            done = subprocess.run(
                [sys.executable, *command[1:]], cwd=HERE.parent, capture_output=True, text=True
            )
            print(done.stdout, done.stderr, flush=True)
            failed |= done.returncode != 0
            report += ["", f"## `{' '.join(command)}`", "", "```", done.stdout.rstrip(), "```"]
            if done.returncode:
                report.append(f"\nfailed: {(done.stderr.splitlines() or ['no reason given'])[-1]}")
            wanted.output.write_text("\n".join(report) + "\n", encoding="utf-8")
    sys.exit(failed)


if __name__ == "__main__":
    main()
