"""`ticktone serve`."""

from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.errors import TicktoneError
from ticktone.methods import DEFAULT


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8421,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
    token: Annotated[
        bool,
        typer.Option("--token/--no-token", help="Answer only who knows the address's token."),
    ] = True,
    method: common.Method = DEFAULT,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, show_default="cores", help="Songs at a time."),
    ] = None,
    threads: common.Threads = None,
    queue: Annotated[int, typer.Option(min=0, help="Songs that may wait.")] = 20,
    max_upload: Annotated[int, typer.Option(min=1, metavar="MB", help="A song's file.")] = 1000,
    max_duration: Annotated[
        float, typer.Option(min=0.01, metavar="MINUTES", help="A song's length.")
    ] = 20.0,
    kept: Annotated[int, typer.Option(min=1, help="Finished songs kept.")] = 20,
    keep: Annotated[
        float, typer.Option(min=0.01, metavar="MINUTES", help="Kept for so long after use.")
    ] = 60.0,
) -> None:
    """Open a page in the browser: drop a song, hear its parts, download them or a remix.

    It is served to this computer alone, and nothing leaves it.
    """
    with common.reporting():
        import threading
        import webbrowser

        from ticktone.page.server_limits import Limits

        try:
            from ticktone.page.server import serve
        except ModuleNotFoundError as error:
            raise TicktoneError(
                f"the page needs {error.name}; install it by: pip install 'ticktone[page]'"
            ) from None

        jobs = jobs or common.default_threads(1)
        limits = Limits(
            upload=max_upload * 1_000_000,
            duration=max_duration * 60,
            jobs=jobs,
            threads=threads or common.default_threads(jobs),
            queue=queue,
            kept=kept,
            keep=keep * 60,
        )

        def when_ready(address: str) -> None:
            typer.echo(f"{address} is open to this computer alone; Ctrl-C ends it")
            if open_:
                # Apart, for a browser in the terminal would hold up the server.
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

        clean_up_when_interrupted()
        serve(port, method, limits, when_ready, needs_token=token)
