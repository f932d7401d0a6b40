"""Models whose card or network is not what it says: one line, before any output."""

import hashlib

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import ticktone
from tests.support.sounds import music
from ticktone.models import models, read_card

CARD = models()["unet"].with_suffix(".toml").read_text()


def write_model(path, output_bins=513, value=0.5, name="magnitude", masks=2):
    """Write a network that answers with constant masks, and a card for it."""
    constant = helper.make_tensor("half", TensorProto.FLOAT, [1], [value])
    zero = helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0])
    starts, ends, axes = (
        helper.make_tensor(label, TensorProto.INT64, [1], [number])
        for label, number in (("starts", 0), ("ends", output_bins), ("axes", 2))
    )
    nodes = [
        helper.make_node("Slice", [name, "starts", "ends", "axes"], ["some"]),
        helper.make_node("Mul", ["some", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "half"], ["mask"]),
        helper.make_node("Concat", ["mask"] * masks, ["masks"], axis=1),
    ]
    shape: list[str | int | None] = ["batch", 1, 513, "frames"]
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("masks", TensorProto.FLOAT, [*"abcd"])],
        [constant, zero, starts, ends, axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content = model.SerializeToString()
    onnx.checker.check_model(model)
    path.write_bytes(content)
    old = read_card(models()["unet"]).sha256
    card = CARD.replace(old, hashlib.sha256(content).hexdigest())
    path.with_suffix(".toml").write_text(card)
    return path


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "constant.onnx")


def test_one_that_is_true_is_taken(model):
    audio = music(0.2)
    parts = ticktone.separate(audio, 44_100, str(model))
    np.testing.assert_allclose(parts.percussive, audio / 2, atol=1e-6)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"output_bins": 100}, r"constant\.onnx: does not fit its card: its masks have shape"),
        ({"masks": 1}, r"its masks have shape \(\d, 1, 513, \d+\), expected \(\d, 2, 513"),
        ({"masks": 3}, r"its masks have shape"),
        ({"value": np.nan}, r"constant\.onnx: its masks are not finite"),
        ({"value": np.inf}, r"constant\.onnx: its masks are not finite"),
        ({"value": -1.0}, r"its masks lie from -1 to -1, expected 0 to 1"),
        ({"value": 1e30}, r"its masks lie from 1e\+30 to 1e\+30"),
        ({"name": "loudness"}, r"its inputs are \['loudness'\], expected \['magnitude'\]"),
    ],
)
def test_networks_that_are_not_as_they_should_be(tmp_path, how, message):
    path = write_model(tmp_path / "constant.onnx", **how)
    given = []
    with pytest.raises(ticktone.TicktoneError, match=message) as caught:
        given.extend(ticktone.Separator(str(path)).stream([music(0.2)], 44_100))
    assert given == []
    assert "\n" not in str(caught.value)


def test_the_command_says_so_in_one_line_and_writes_nothing(tmp_path, song, run):
    path = write_model(tmp_path / "constant.onnx", value=np.nan)
    recording = song("a.wav", 0.2)
    done = run("separate", recording, "-m", path, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("*harmonic*"))
    assert not list((tmp_path / "out").glob("*"))


LIES = [
    *(("sample_rate", value) for value in (-1, 0, 999, 2**31, 10**30, 4.5, "fast", True, [1])),
    *(("window_length", value) for value in (-4, 0, 1, 1023, 2**30, "long")),
    *(("hop_length", value) for value in (-1, 0, 1, 600, 2**40)),
    *(("patch_frames", value) for value in (-8, 0, 7, 2**31)),
    *(("margin_frames", value) for value in (-8, 3, 2**31)),
    *(("context", value) for value in (-1, 2**63)),
    *(("look_ahead", value) for value in (-1, 2**63)),
    *(("grid", value) for value in (-8, 0, 3, 2**40)),
    *(("parameters", value) for value in (-1, "many")),
    *(("fft_length", value) for value in (-1, 512, 2**30, 1025)),
    *(("window", value) for value in ("blackman", "", 3)),
    *(("refine", value) for value in (1, "yes")),
    *(("least_margin", value) for value in (-1, 33, 2**40)),
    *(("name", value) for value in (3, "two\nlines", "\x1b[31m")),
    *(("network", value) for value in (3, "a\tb")),
    *(("paper", value) for value in (3, "a\x00b")),
    *(("licence", value) for value in (3, "a\rb")),
    *(("sha256", value) for value in (3, "", "0" * 64)),
    *(("normalisation", value) for value in (3, "x")),
    *(("training", value) for value in (3, {"data": 3}, {"names": 5})),
    *(("training", {"songs_sha256": value}) for value in ("../../x", "x\x00", 5)),
    *(("scores", value) for value in (3, {"sdr": "x"}, {"sdr": float("nan")})),
    ("unheard_of", 1),
]


@pytest.mark.parametrize(("field", "value"), LIES)
def test_a_card_that_lies_in_any_field_costs_one_line(model, field, value):
    import tomllib

    import tomli_w

    path = model.with_suffix(".toml")
    table = tomllib.loads(path.read_text())
    path.write_text(tomli_w.dumps({**table, field: value}))
    with pytest.raises(ticktone.TicktoneError) as caught:
        ticktone.separate(music(0.1), 44_100, str(model))
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(str(model.parent))


def test_every_field_can_lie(model):
    from dataclasses import fields

    from ticktone.models import Card

    assert {entry.name for entry in fields(Card)} <= {field for field, _ in LIES}
