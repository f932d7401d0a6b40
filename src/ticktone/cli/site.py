"""`ticktone site`."""

from pathlib import Path
from typing import Annotated

import typer

from ticktone.cli import common


def site(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write it to.")],
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A model to offer, or an .onnx file; may be given again; the first is chosen.  "
            "[default: the default method, exact and in 8 bits]",
        ),
    ] = None,
    runtime: Annotated[
        Path | None,
        typer.Option(
            metavar="PACKAGE",
            help="onnxruntime-web as `npm pack` writes it (.tgz), or unpacked, to work offline.  "
            "[default: npm fetches it]",
        ),
    ] = None,
) -> None:
    """Write the page as a folder for any static host: the browser alone splits the songs.

    The one command that may use a network: npm fetches ONNX Runtime for browsers, unless --runtime
    gives it. The site itself asks nobody for anything once it has loaded.
    """
    with common.reporting():
        from ticktone.site.build import MODELS, write_site

        sizes = write_site(output, model or MODELS, runtime)
        total = sum(sizes.values()) / 1e6
        typer.echo(f"{output}: {len(sizes)} files, {total:.1f} MB on the wire")
