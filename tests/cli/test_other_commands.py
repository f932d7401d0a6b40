import json

import numpy as np
import pytest
import soundfile


def test_remix_at_0_db_is_the_recording(song, run, tmp_path):
    path = song("a.wav", 0.5)
    assert run("remix", path).returncode == 0
    remixed = soundfile.read(tmp_path / "a.remix.wav")[0]
    assert np.array_equal(remixed, soundfile.read(path)[0])


def test_remix_without_drums_is_the_harmonic_part(song, run, tmp_path):
    path = song("a.flac", 0.5)
    run("separate", path)
    done = run("remix", path, "--percussive", "-inf")
    assert done.returncode == 0, done.stderr
    harmonic, remixed = (
        soundfile.read(tmp_path / f"a.{part}.flac")[0] for part in ("harmonic", "remix")
    )
    assert np.array_equal(remixed, harmonic)


def test_remix_takes_a_phase(song, run, tmp_path):
    path = song("a.flac", 0.5)
    run("separate", path, "--phase", "pu-hpss")
    done = run("remix", path, "--percussive", "-inf", "--phase", "pu-hpss")
    assert done.returncode == 0, done.stderr
    harmonic, remixed = (
        soundfile.read(tmp_path / f"a.{part}.flac")[0] for part in ("harmonic", "remix")
    )
    assert np.array_equal(remixed, harmonic)


def test_remix_at_other_levels(song, run, tmp_path):
    path = song("a.wav", 0.5)
    run("separate", path, "--float", "-m", "hpr")
    levels = ("--harmonic", "-6", "--percussive", "3", "--residual", "-12")
    run("remix", path, "--float", "-m", "hpr", *levels)
    parts = {
        part: soundfile.read(tmp_path / f"a.{part}.wav")[0]
        for part in ("harmonic", "percussive", "residual", "remix")
    }
    expected = sum(
        parts[part] * 10 ** (level / 20)
        for part, level in (("harmonic", -6), ("percussive", 3), ("residual", -12))
    )
    np.testing.assert_allclose(parts["remix"], expected, atol=1e-6)


def test_remix_reports_what_exceeds_full_scale(song, run):
    done = run("remix", song("a.wav", 0.5), "--harmonic", "24")
    assert done.returncode == 0
    assert "a.remix.wav" in done.stderr
    assert "exceeded full scale" in done.stderr


@pytest.mark.parametrize("gain", ["nan", "inf", "loud"])
def test_remix_refuses_gains_that_are_none(song, run, tmp_path, gain):
    done = run("remix", song("a.wav", 0.1), "--harmonic", gain)
    assert done.returncode in (1, 2)
    assert not (tmp_path / "a.remix.wav").exists()


def test_methods_are_listed_with_what_one_chooses_by(run):
    done = run("methods")
    assert done.returncode == 0
    for word in ("median", "hpr", "diffusion", "FitzGerald 2010", "0.22 s", "(the default)"):
        assert word in done.stdout
    first = [line.split() for line in done.stdout.splitlines()[:4]]
    assert [line[:2] for line in first] == [
        ["best", "folded-3w-unet"],
        ["fast", "folded-3w-unet-small"],
        ["live", "folded-3w-unet-causal"],
        ["classic", "median"],
    ]
    assert "x real time" not in done.stdout  # measuring takes a minute, and is asked for
    records = [json.loads(line) for line in run("methods", "--json").stdout.split("\n") if line]
    assert [record["name"] for record in records][:3] == ["median", "hpr", "diffusion"]
    assert all(record["speed"] is None for record in records)


def test_version_and_help(run):
    assert run("--version").stdout.startswith("ticktone ")
    for command in ("separate", "remix", "plot", "compare", "evaluate", "methods"):
        assert command in run("--help").stdout
        assert run(command, "--help").returncode == 0
    assert run("seperate", "a.wav").returncode == 2


@pytest.mark.slow
def test_plot_draws_a_picture(song, run, tmp_path):
    from matplotlib.image import imread

    path = song("a.wav", 2.0)
    assert run("plot", path).returncode == 0
    picture = imread(tmp_path / "a.plot.png")
    assert picture.shape[1] > 800
    assert picture.std() > 0.05
    refused = run("plot", path)
    assert refused.returncode == 1
    assert "a.plot.png exists; use --overwrite" in refused.stderr
    assert run("plot", path, "--overwrite", "-m", "hpr").returncode == 0
    assert imread(tmp_path / "a.plot.png").shape[0] > picture.shape[0]  # the residual is there too


def test_plot_does_not_replace_what_it_draws(song, run):
    path = song("a.wav", 0.5)
    before = path.read_bytes()
    done = run("plot", path, "-o", path, "--overwrite")
    assert done.returncode == 1
    assert "would be overwritten by its own output" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["$a^^$ b_{.wav", "歌.wav"])
def test_plot_takes_any_name(song, run, name):
    done = run("plot", song(name, 0.5))
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["x.txt", "x.gif", "x.wav", "song.v2"])
def test_pictures_are_what_their_names_say(song, run, tmp_path, name):
    path = song("a.wav", 0.1)
    for command in (["plot", path, "-o"], ["compare", path, "-m", "median", "-o"]):
        done = run(*command, tmp_path / name)
        assert done.returncode == 1
        assert "pictures are PNG, PDF or SVG, not ." in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / name).exists()


def test_plot_names_what_it_cannot_read_or_write(song, run, tmp_path):
    assert "none.wav: no such file" in run("plot", tmp_path / "none.wav").stderr
    path = song("a.wav", 0.5)
    done = run("plot", path, "-o", path / "a.png")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def test_a_batch_names_files_that_write_the_same_remix(song, run):
    done = run("remix", song("a.wav", 0.1), song("a.flac", 0.1), "--format", "wav")
    assert done.returncode == 1
    assert "would write the same outputs" in done.stderr


@pytest.mark.slow
def test_python_can_do_what_the_command_does(song, tmp_path):
    import ticktone

    told = []
    path = song("a.wav", 15.0)
    result = ticktone.separate_file(
        path, tmp_path / "out", "hpr", format="flac", progress=told.append
    )
    assert sorted(result.outputs) == ["harmonic", "percussive", "residual"]
    assert told == sorted(told)
    assert told[-1] == 1
    parts = [soundfile.read(output)[0] for output in result.outputs.values()]
    assert np.array_equal(sum(parts), soundfile.read(path)[0])
    with pytest.raises(ticktone.TicktoneError, match="exists"):
        ticktone.separate_file(path, tmp_path / "out", "hpr", format="flac")
    again = ticktone.separate_file(path, tmp_path / "out", "hpr", format="flac", existing="skip")
    assert again.status == "skipped"
    with pytest.raises(ValueError, match="existing must be one of refuse, overwrite, skip"):
        ticktone.separate_file(path, tmp_path / "out", existing="skp")
    with pytest.raises(ticktone.TicktoneError, match="no part"):
        ticktone.separate_file(path, only="residual")
    with pytest.raises(TypeError, match="either a separator"):
        ticktone.separate_file(path, method="hpr", separator=ticktone.Separator("hpr"))


def test_the_deprecated_method_of_a_separator_does_the_same(song, tmp_path):
    import ticktone

    with pytest.warns(DeprecationWarning, match=r"ticktone\.separate_file"):
        result = ticktone.Separator("median").separate_file(song("a.wav", 0.5), tmp_path / "out")
    assert sorted(result.outputs) == ["harmonic", "percussive"]


def test_many_files_from_python(song, tmp_path):
    import ticktone

    told = []
    paths = [song("a.wav", 0.5), song("b.wav", 0.5)]
    (tmp_path / "c.wav").write_text("no sound")
    results = ticktone.separate_files(
        [*paths, tmp_path / "c.wav"],
        tmp_path / "out",
        "median",
        options={"power": 1.0},
        progress=lambda source, done: told.append((source.name, done)),
    )
    assert results.total == 3
    assert [result.status for result in results] == ["done", "done", "failed"]
    assert {("a.wav", 1.0), ("b.wav", 1.0)} <= set(told)
    gains = {"percussive": -np.inf}
    (remix,) = ticktone.remix_files(
        paths[:1], gains, tmp_path / "out", "median", options={"power": 1.0}
    )
    drumless = soundfile.read(remix.outputs["remix"])[0]
    assert np.array_equal(drumless, soundfile.read(tmp_path / "out" / "a.harmonic.wav")[0])
    with pytest.raises(ticktone.TicktoneError, match="gain"):
        ticktone.remix_files(paths, {"percussive": 300.0}, method="median")
