"""An archive by Dask, by Spark, or by anything else that maps a function over partitions.

    python examples/spark_or_dask.py dask FOLDER OUTPUT
    python examples/spark_or_dask.py spark FOLDER OUTPUT

`separate_some` does a partition, with one model for all of it. `recorded` passes over what the
manifest has, and writes down what becomes of the rest. ticktone must be installed on every machine.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from ticktone.archive.discover import find_tasks
from ticktone.archive.job import Job, Task, Worker
from ticktone.archive.manifest import Manifest, recorded
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.storage.location import location

SONGS = 8  # to a partition


def separate_some(job: Job, tasks: Iterable[Task]) -> list[FileResult]:
    return list(map(Worker(job), tasks))


def on_dask(job: Job, tasks: Sequence[Task]) -> Iterator[FileResult]:
    from dask.distributed import Client, as_completed

    parts = [tasks[first : first + SONGS] for first in range(0, len(tasks), SONGS)]
    with Client() as client:  # or Client("tcp://scheduler:8786")
        work = client.map(partial(separate_some, job), parts)
        for _, results in as_completed(work, with_results=True):
            yield from results


def on_spark(job: Job, tasks: Sequence[Task]) -> Iterator[FileResult]:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate().sparkContext
    parts = spark.parallelize(tasks, -(-len(tasks) // SONGS))
    yield from parts.mapPartitions(partial(separate_some, job)).toLocalIterator()


def separate(engine: Callable[..., Iterator[FileResult]], folder: str, output: str) -> None:
    job = Job(Target(location(output), format="flac"), method="hpr")
    tasks, failures = find_tasks([folder], job.target, job.parts(job.separator()))
    manifest = Manifest(location(f"{output}/manifest.parquet"), job)
    for result in recorded(manifest, tasks, failures, partial(engine, job)):
        print(result.status, result.source, result.error or "")


if __name__ == "__main__":
    name, folder, output = sys.argv[1:]
    separate({"dask": on_dask, "spark": on_spark}[name], folder, output)
