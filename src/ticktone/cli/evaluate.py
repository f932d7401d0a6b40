"""`ticktone evaluate`."""

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ticktone.cli import common, tables
from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.errors import TicktoneError, unknown

if TYPE_CHECKING:
    from ticktone.datasets import Dataset
    from ticktone.evaluation.report import Report
    from ticktone.evaluation.run import Evaluation


def evaluate(
    dataset: Annotated[
        Path,
        typer.Argument(readable=False, help="MUSDB18, MUSDB18-HQ, DSD100 or a folder of stems."),
    ],
    methods: tables.Methods = None,
    protocol: Annotated[
        str,
        typer.Option("--protocol", "-p", help="sdr (whole songs), lordelo2019 or drossos2018."),
    ] = "sdr",
    output: Annotated[
        Path | None,
        typer.Option(
            *("--output", "-o"),
            readable=False,
            show_default="evaluation/PROTOCOL",
            help="Folder for the results: METHOD/test/SONG.json.",
        ),
    ] = None,
    subset: Annotated[
        str | None,
        typer.Option(
            show_default="test, if there is one",
            help="train, validation, test or all; of MUSDB18 also official-validation and "
            "unions, as in train+validation.",
        ),
    ] = None,
    percussive: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="In a folder of stems, names of percussive files."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(readable=False, help="Folder for decoded stems (MUSDB18).")
    ] = None,
    stereo: Annotated[
        bool, typer.Option("--stereo", help="Keep the channels; default: mono, as the papers.")
    ] = False,
    statistic: Annotated[
        str | None,
        typer.Option(show_default="the protocol's", help="mean or median, over songs."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap intervals.")] = 0,
    format: tables.Format = "terminal",
    plot: Annotated[
        Path | None, typer.Option(readable=False, help="Draw box plots (PNG, PDF or SVG).")
    ] = None,
    published: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Other systems' results for the plot: SYSTEM/test/SONG.json, as SiSEC's.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a picture that exists.")
    ] = False,
    jobs: common.Jobs = 1,
    quiet: common.Quiet = False,
) -> None:
    """Score methods on songs whose stems are known: a table, a JSON file per song and method.

    A constant gain and an ideal mask are always scored too: the floor and the ceiling.
    Results that are there already are kept, unless what they depend on has changed.
    """
    with common.reporting():
        from ticktone.evaluation.boxplot import plot_boxes
        from ticktone.evaluation.estimators import choose
        from ticktone.evaluation.protocols import STATISTICS, find_protocol
        from ticktone.evaluation.published import read_systems
        from ticktone.evaluation.report import Report
        from ticktone.evaluation.run import Evaluation
        from ticktone.spectrogram_plot import check_picture, figure_class

        tables.check_format(format)
        chosen = find_protocol(protocol)
        if statistic is not None and statistic not in STATISTICS:
            raise TicktoneError(unknown("statistic", statistic, STATISTICS))
        if published is not None and plot is None:
            raise TicktoneError("--published is for --plot; give that too")
        if published is not None and chosen.library != "museval":
            raise TicktoneError(
                f"--published results are of BSS Eval 4, not comparable with {protocol}; use "
                "--protocol lordelo2019"
            )
        if plot is not None:
            figure_class()  # what is missing should be said before the hours of work
            check_picture(plot)
            if plot.exists() and not overwrite:
                raise TicktoneError("exists; use --overwrite or another name", plot)
        systems = {} if published is None else read_systems(published)
        evaluation = Evaluation(
            protocol=protocol,
            estimators=tuple(choose(tables.parse_methods(methods))),
            folder=output or Path("evaluation") / protocol,
            stereo=stereo,
            threads=common.default_threads(jobs),
        )
        clean_up_when_interrupted()
        shown = common.has_terminal() and not quiet
        data = _open(dataset, subset, percussive, cache, shown, quiet)
        report = Report(chosen, evaluation.estimators, statistic or chosen.statistic, seed)
        failed = _run(data, evaluation, report, jobs, shown, quiet)
        if report.kept and not quiet:
            common.complain(f"{report.kept} results kept from an earlier run")
        if not report.scores:
            cause = "; a source is silent in every song that could be read" if report.silent else ""
            raise TicktoneError(f"no song could be scored{cause}", dataset)
        if not quiet:
            tables.echo(report.table(), report.notes(), format)
        if plot is not None:
            plot_boxes(report.scores, systems, chosen.shown, plot)
            if not quiet:
                common.complain(f"box plots -> {plot}")
        if failed:
            raise typer.Exit(1)


def _open(
    path: Path,
    subset: str | None,
    percussive: list[str] | None,
    cache: Path | None,
    shown: bool,
    quiet: bool,
) -> "Dataset":
    from ticktone.cli.progress import Bars
    from ticktone.datasets import open_dataset, subsets

    if subset is None and "test" in subsets(path, percussive=percussive):
        subset = "test"
    with Bars(1, shown, "opening songs", lines=not quiet) as bars:  # decoding takes its time
        step = partial(bars.update, Path("opening songs"))
        return open_dataset(path, subset=subset, percussive=percussive, cache=cache, progress=step)


def _run(
    data: "Dataset",
    evaluation: "Evaluation",
    report: "Report",
    jobs: int,
    shown: bool,
    quiet: bool,
) -> bool:
    """Score everything and print what goes wrong, each thing once; return whether anything did."""
    from ticktone.cli.progress import Bars
    from ticktone.evaluation.run import evaluate as score

    errors: set[str] = set()
    for problem in data.problems:
        common.complain(str(problem))
        if problem.refused:
            errors.add(str(problem))
    tasks = len(data) * len(evaluation.estimators)
    with (
        Bars(tasks, shown, whole="songs x methods", lines=not quiet) as bars,
        closing(score(data.songs, evaluation, jobs)) as results,
    ):
        for result in results:
            bars.finish(Path(result.song), worked=not result.kept)
            report.add(result)
            if result.error and result.error not in errors:
                errors.add(result.error)
                with bars.away():
                    common.complain(result.error)
    return bool(errors)
