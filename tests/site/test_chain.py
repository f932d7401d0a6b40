"""The engine's parts between samples and samples, against Python's numbers."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from tests.support.sounds import music
from ticktone.complement import complement_of_percussive
from ticktone.methods.alike import ALIKE, SILENT
from ticktone.methods.base import Stage
from ticktone.methods.network import NetworkStage
from ticktone.methods.patch_views import Patches
from ticktone.methods.refinement import make_refinement
from ticktone.phase.mixture import Mixture
from ticktone.site.settings import _refinement
from ticktone.spectrogram import RANGE, Spectrograms, relative_levels
from ticktone.stft import STFT
from ticktone.streaming.offset import OffsetRemover
from ticktone.streaming.refine import refined
from ticktone.streaming.resample import resampled
from ticktone.streaming.stage import run_stage

pytestmark = pytest.mark.program("node")

TRANSFORMS = [
    STFT(1024, 512),
    STFT(256, 64),
    STFT(64, 16, 128),
    STFT(512, 200, window="symmetric hamming"),
]


def settings_of(stft):
    return {
        "window_length": stft.window_length,
        "hop_length": stft.hop_length,
        "fft_length": stft.size,
        "window": stft.window,
    }


def worst(found, want):
    """Return the largest difference between two arrays."""
    return float(np.abs(found.reshape(want.shape) - want).max())


def joined(blocks):
    return np.concatenate(list(blocks), axis=-1)


@pytest.mark.parametrize("stft", TRANSFORMS, ids=str)
def test_the_transform_of_two_signals_at_a_time(javascript, rng, stft):
    sound = rng.standard_normal((2, stft.size)).astype(np.float32)
    found = javascript(
        """
        const { STFT } = await load("stft");
        const stft = new STFT(given.stft);
        const [a, b] = stft.forward(given.sound[0], given.sound[1], 0);
        return { aRe: a.re, aIm: a.im, bRe: b.re, bIm: b.im, magnitude: b.magnitude };
        """,
        stft=settings_of(stft),
        sound=sound,
    )
    first, second = stft.transform(sound)[..., 0]
    scale = abs(first).max()
    for name, want in (("a", first), ("b", second)):
        assert worst(found[f"{name}Re"], want.real) < 1e-6 * scale
        assert worst(found[f"{name}Im"], want.imag) < 1e-6 * scale
    assert worst(found["magnitude"], abs(second)) < 1e-6 * scale


@dataclass(frozen=True)
class Sieve(Stage):
    """Masks that depend on the bin, the loudness around, and where the recording ends."""

    stft: Any
    context: int = 3

    def divide(self, magnitude, wanted=slice(None)):
        frames = magnitude.shape[-1]
        padded = np.pad(magnitude.mean(axis=0), [(0, 0), (3, 3)])
        around = np.lib.stride_tricks.sliding_window_view(padded, 7, axis=-1).sum(axis=-1)
        masks = np.float32(1) / (1 + around + np.arange(len(around))[:, None] % 3)
        assert masks.shape[-1] == frames
        harmonic = magnitude[..., wanted] * masks[..., wanted]
        return harmonic, magnitude[..., wanted] - harmonic


SIEVE = """
const { STFT } = await load("stft");
const { runStage } = await load("stage");
const stft = new STFT(given.stft);
const stage = {
  stft, block: given.block, context: 3, lookAhead: 3,
  divide: async (frames, first, count) => Array.from({ length: count }, (_, index) => {
    const masks = [new Float32Array(stft.bins), new Float32Array(stft.bins)];
    for (let k = 0; k < stft.bins; k++) {
      let around = 0;
      for (let n = first + index - 3; n <= first + index + 3; n++) {
        for (const { magnitude } of frames[n] ?? []) around += magnitude[k] / frames[n].length;
      }
      masks[0][k] = 1 / (1 + around + (k % 3));
      masks[1][k] = 1 - masks[0][k];
    }
    return masks.map((mask) => Array(frames[first].length).fill(mask));
  }),
};
"""


@pytest.mark.parametrize("stft", TRANSFORMS, ids=str)
@pytest.mark.parametrize(("channels", "samples"), [(2, 9000), (1, 5001), (3, 40), (2, 1)])
def test_a_stage_over_blocks(javascript, rng, stft, channels, samples):
    sound = rng.standard_normal((channels, samples)).astype(np.float32)
    found = javascript(
        SIEVE
        + "return { parts: await gathered(runStage(stage, blocks(given.sound, 701), [0, 1])) };",
        stft=settings_of(stft),
        sound=sound,
        block=8,
    )["parts"]
    want = joined(run_stage(Sieve(stft), Mixture(), [sound], [0, 1]))
    assert worst(found, want) < 2e-5


def test_a_stage_does_not_depend_on_how_samples_arrive(javascript, rng):
    found = javascript(
        SIEVE
        + """
        const parts = (length) => gathered(runStage(stage, blocks(given.sound, length), [1]));
        return { fine: await parts(100), coarse: await parts(7000) };
        """,
        stft=settings_of(STFT(256, 64)),
        sound=rng.standard_normal((2, 9000)).astype(np.float32),
        block=16,
    )
    assert np.array_equal(found["fine"], found["coarse"])


@pytest.mark.parametrize(
    ("cut", "one_mask", "apart", "samples"),
    [
        (0, True, 1.0, 12_345),
        (2, True, 1.0, 12_345),
        (0, False, 1.0, 12_345),
        (0, None, 1.0, 12_345),
        (0, None, 0.3, 12_345),
        (0, True, 1.0, 777),  # which is less than a patch
        (0, True, 1.0, 2_500),  # which is less than a patch and its margin
    ],
)
def test_a_network_sees_patches_with_their_margins(javascript, rng, cut, one_mask, apart, samples):
    """The network is one that looks to either side, and may answer for fewer frames."""
    stft = STFT(256, 128)
    both, *own = rng.standard_normal((3, 1, samples)).astype(np.float32)
    sound = np.concatenate([both + apart * each for each in own]).astype(np.float32)
    sound[:, 6000:] = both[:, 6000:]  # in the end the channels are the same

    def network(patches):
        spread = patches + 0.5 * np.roll(patches, 2, axis=-1) + 0.25 * np.roll(patches, -2, axis=-1)
        masks = np.concatenate([1 / (1 + spread), spread / (3 + spread)], axis=1)
        return masks[..., cut : masks.shape[-1] - cut].astype(np.float32)

    multiple = 0 if cut else 3
    stage = NetworkStage(network, stft, Patches(15, 9, 3, multiple), one_mask)
    want = joined(run_stage(stage, Mixture(), [sound], [0, 1]))
    found = javascript(
        """
        const { NetworkStage } = await load("network");
        const { runStage } = await load("stage");
        const lengths = [];
        const run = async (input, [, , bins, length]) => {
          const frames = length - 2 * given.cut;
          const data = new Float32Array(2 * bins * frames);
          for (let k = 0; k < bins; k++) {
            for (let n = 0; n < frames; n++) {
              const at = (column) => input[k * length + ((column + length) % length)];
              const column = n + given.cut;
              const spread = at(column) + 0.5 * at(column - 2) + 0.25 * at(column + 2);
              data[k * frames + n] = 1 / (1 + spread);
              data[(bins + k) * frames + n] = spread / (3 + spread);
            }
          }
          lengths.push(length);
          return { data, frames };
        };
        const cut = { patch: 15, margin: 9, ahead: 3, multiple: given.multiple };
        const stage = new NetworkStage({ stft: given.stft, ...cut, ...given.channels }, run);
        const parts = await gathered(runStage(stage, blocks(given.sound, 1000), [0, 1]));
        return { parts, lengths };
        """,
        stft=settings_of(stft),
        sound=sound,
        cut=cut,
        multiple=multiple,
        channels={"one_mask": one_mask, "alike": ALIKE, "silent": SILENT},
    )
    assert worst(found["parts"], want) < 1e-5
    lengths = {12_345: {18, 27}, 777: {9}, 2_500: {18, 15}}
    assert set(found["lengths"]) == ({27} if cut else lengths[samples])


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [(48_000, 44_100, 1e-5), (22_050, 96_000, 1e-5), (44_100, 44_100 / 32, 2e-3)],
)
def test_another_rate(javascript, before, after, error):
    """As soxr's best, but for the very ends, and what lies where the filters fall."""
    smooth = np.hanning(31) / 15
    sound = np.array([np.convolve(channel, smooth, "same") for channel in music(1.0)])
    sound = sound[:, :40_007].astype(np.float32)
    found = javascript(
        """
        const { resampled } = await load("resample");
        const convert = (length) =>
          gathered(resampled(blocks(given.sound, length), given.before, given.after));
        return { fine: await convert(999), coarse: await convert(20000) };
        """,
        sound=sound,
        before=before,
        after=after,
    )
    want = joined(resampled([sound], before, after))
    fine, coarse = (found[name].reshape(2, -1) for name in ("fine", "coarse"))
    assert abs(fine.shape[-1] - 40_007 * after / before) < 1
    assert np.array_equal(fine, coarse)
    length = min(fine.shape[-1], want.shape[-1])
    inner = slice(length // 20, length - length // 20)
    assert worst(fine[:, inner], want[:, inner]) < error * abs(want).max()


def by_medians(magnitude):
    """In place of the network: the percussive median's share."""
    harmonic, percussive = magnitude[:, 2:3] + 1e-9, magnitude[:, 3:] + 1e-9
    return percussive / (harmonic + percussive)


@pytest.mark.parametrize("one_mask", [True, False, None])
def test_the_low_end_is_refined_in_time_with_the_parts(javascript, one_mask):
    harmonic = music(2.0, 44_100, 2)
    percussive = music(2.0, 44_100, 2)[:, ::-1]
    refinement = replace(make_refinement(44_100, one_mask=one_mask), network=by_medians)
    want = joined(refined(refinement, [np.stack([harmonic, percussive])], 44_100))
    found = javascript(
        """
        const { refined } = await load("refine");
        const run = (input, [, , bins, frames]) => {
            const half = bins * frames;
            const data = new Float32Array(half);
            for (let at = 0; at < half; at++) {
                const [harmonic, percussive] = [input[2 * half + at], input[3 * half + at]];
                data[at] = (percussive + 1e-9) / (harmonic + percussive + 2e-9);
            }
            return { data, frames };
        };
        const parts = refined(given.settings, run, blocks(given.parts, 8192), 44100);
        return { parts: await gathered(parts) };
        """,
        settings=_refinement(refinement, None),
        parts=np.concatenate([harmonic, percussive]),
    )["parts"].reshape(want.shape)
    changed = want - np.stack([harmonic, percussive])
    assert abs(changed).max() > 0.05
    error = abs(found - want)
    assert error[..., 1000:-1000].max() < 1e-4
    assert error.max() < 0.02 * abs(changed).max() + 1e-3


@pytest.mark.parametrize("bias", [[0.1, 0.0], [0.0, 0.0], [-0.02, 0.3]])
def test_an_offset_is_taken_away_where_there_is_one(javascript, bias):
    sound = music(1.0, 44_100, 2)
    sound -= sound.mean(axis=1, keepdims=True)
    sound = (sound + np.array(bias, np.float32)[:, None]).astype(np.float32)
    sound[:, :3000] = 0
    want = joined(OffsetRemover(22_050).run(np.array_split(sound, 9, axis=1)))
    found = javascript(
        """
        const { withoutOffset } = await load("offset");
        return { sound: await gathered(withoutOffset(blocks(given.sound, 4000), 44100, 0.5)) };
        """,
        sound=sound,
    )["sound"].reshape(sound.shape)
    assert abs(found - want).max() < 1e-7
    assert np.array_equal(found == sound, want == sound)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("step", [2.0**-15, 2.0**-23, None])
def test_two_parts_that_sum_to_the_bit(javascript, rng, kind, step):
    mixture = (np.rint(rng.uniform(-1, 1, 4000) * 2**15) / 2**15).astype(kind)
    estimate = (mixture * rng.uniform(-1, 2, 4000)).astype(np.float32)
    estimate[:9] = 0.5 * 2.0**-15 * np.arange(9)  # halves, which are rounded to even
    found = javascript(
        """
        const { complement } = await load("complement");
        return complement(given.mixture, given.estimate, given.step);
        """,
        mixture=mixture,
        estimate=estimate,
        step=step,
    )
    want = complement_of_percussive(mixture, (), estimate.astype(kind), step)
    for name, part in zip(("harmonic", "percussive"), want, strict=True):
        assert found[name].dtype == kind
        assert np.array_equal(found[name], part)
    assert np.array_equal(found["harmonic"] + found["percussive"], mixture)


@pytest.mark.parametrize(
    ("seconds", "rate", "channels"), [(2.0, 44_100, 2), (0.01, 44_100, 1), (55.0, 8_000, 1)]
)
def test_the_pictures(javascript, seconds, rate, channels):
    """Of a recording of any length; the longest has two frames to a column."""
    harmonic = music(seconds, rate, channels)
    percussive = harmonic[:, ::-1] / 3
    pictures = Spectrograms(("harmonic", "percussive"), rate)
    pictures.put((harmonic, percussive))
    powers = pictures.finish()
    found = javascript(
        """
        const { Spectrograms } = await load("pictures");
        const pictures = new Spectrograms(given.rate);
        const percussive = [...blocks(given.percussive, 30000)];
        for (const harmonic of blocks(given.harmonic, 30000)) {
          pictures.put({ harmonic, percussive: percussive.shift() });
        }
        const { levels, size } = pictures.finish();
        return { ...levels, size };
        """,
        harmonic=harmonic,
        percussive=percussive,
        rate=rate,
    )
    bins, columns = powers["mixture"].shape
    assert found["size"] == {"bins": bins, "columns": columns, "seconds": pictures.seconds}
    loudest = powers["mixture"].max()
    for name, power in powers.items():
        shades = 255 * np.clip(1 + relative_levels(power, loudest) / RANGE, 0, 1)
        assert abs(found[name].reshape(bins, columns) - shades).max() < 1.01
