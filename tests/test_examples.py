"""The example for users of Dask and Spark, by stand-ins that send things as these do."""

import pickle
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.files import names
from ticktone.archive.manifest import read_manifest

EXAMPLES = str(Path(__file__).parents[1] / "examples")


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    import spark_or_dask  # type: ignore[import-not-found]

    monkeypatch.setattr(spark_or_dask, "SONGS", 2)
    yield spark_or_dask
    sys.modules.pop("spark_or_dask")


class Client:
    """As dask.distributed's, in this process."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def map(self, function, parts):
        return [sent(function)(sent(part)) for part in parts]


class SparkContext:
    """As pyspark's, in this process; a partition is an iterator there."""

    def parallelize(self, tasks, count):
        parts = [tasks[number::count] for number in range(count)]
        return SimpleNamespace(mapPartitions=partial(self._map, parts))

    def _map(self, parts, function):
        done = [sent(result) for part in parts for result in sent(function)(iter(sent(part)))]
        return SimpleNamespace(toLocalIterator=lambda: iter(done))


def sent(thing):
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("name", ["dask", "spark"])
def test_other_engines_take_the_same_function(example, song, tmp_path, monkeypatch, capsys, name):
    def as_completed(work, with_results):
        assert with_results
        return [(None, results) for results in work]

    builder = SimpleNamespace(getOrCreate=lambda: SimpleNamespace(sparkContext=SparkContext()))
    session = SimpleNamespace(builder=builder)
    stand_ins = SimpleNamespace(Client=Client, as_completed=as_completed, SparkSession=session)
    for module in ("dask", "dask.distributed", "pyspark", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, module, stand_ins)
    for number in range(3):
        song(f"in/{number}.wav", 0.1)
    (tmp_path / "in" / "bad.wav").write_text("text")
    engine = {"dask": example.on_dask, "spark": example.on_spark}[name]
    for expected in ({"done": 3, "failed": 1}, {"skipped": 3, "failed": 1}):
        example.separate(engine, str(tmp_path / "in"), str(tmp_path / "out"))
        words = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
        assert {word: words.count(word) for word in words} == expected
    assert len([name for name in names(tmp_path / "out") if name.endswith(".flac")]) == 9
    assert read_manifest(tmp_path / "out" / "manifest.parquet").num_rows == 5
