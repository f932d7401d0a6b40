import numpy as np
import pytest
import torch

from ticktone.networks.mask_network import TrainingOutput
from ticktone.stft import STFT
from ticktone.training.example_settings import ExampleSettings
from ticktone.training.losses import generalised_kl, make_loss
from ticktone.training.normalisation import (
    LevelNormalisation,
    LevelScaling,
    Normalisation,
    magnitude_range,
    min_max_normalisation,
)
from ticktone.training.recipe import LossSettings
from ticktone.training.song_selection import select_songs
from ticktone.training.spectra import (
    Spectra,
    compute_spectra,
    inverse,
    training_targets,
    transform,
    with_nyquist,
)

STFTS = [STFT(1024, 512), STFT(256, 64), STFT(512, 160)]


@pytest.mark.parametrize("stft", STFTS)
def test_the_transform_is_that_of_the_pipeline(stft, rng):
    audio = rng.standard_normal((3, 9000)).astype(np.float32)
    ours = transform(stft, torch.from_numpy(audio)).numpy()
    theirs = stft.transform(audio.astype(np.float64))
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()


@pytest.mark.parametrize("stft", STFTS[:2])
def test_the_inverse_gives_the_sound_but_for_its_ends(stft, rng):
    audio = rng.standard_normal((2, stft.hop_length * 40)).astype(np.float32)
    back = inverse(stft, transform(stft, torch.from_numpy(audio))).numpy()
    half = stft.size // 2
    np.testing.assert_allclose(back, audio[:, half : half + back.shape[-1]], atol=1e-5)
    assert back.shape[-1] >= audio.shape[-1] - 2 * stft.size


def test_an_example_is_the_papers_patch():
    settings = ExampleSettings()
    spectra = compute_spectra(settings.stft, torch.zeros(1, 2, settings.samples))
    assert spectra.mixture.shape == (1, 513, 128)
    assert settings.samples == 66_048


def test_nyquist_gets_the_mask_of_the_bin_below():
    masks = torch.rand(2, 2, 8, 3)
    whole = with_nyquist(masks)
    assert whole.shape == (2, 2, 9, 3)
    assert torch.equal(whole[:, :, -1], masks[:, :, -1])


def by_hand() -> tuple[torch.Tensor, Spectra]:
    """Two bins that the network sees, one frame; Nyquist only counts where sound is compared."""
    mixture = torch.tensor([4.0, 2.0, 99.0])
    harmonic = torch.tensor([3.0, 0.0, 50.0])
    percussive = torch.tensor([1.0, 2.0, 49.0])
    masks = torch.tensor([[0.5, 0.25], [0.5, 0.5]])  # harmonic, percussive
    spectra = Spectra(
        *(x.to(torch.complex64)[None, :, None] for x in (mixture, harmonic, percussive))
    )
    return masks[None, :, :, None], spectra


def loss_by_hand(**settings: object) -> float:
    masks, spectra = by_hand()
    return make_loss(LossSettings(**settings), STFT(4, 2))(masks, spectra).item()  # type: ignore[arg-type]


def test_equation_3_by_hand():
    # H: (2 - 3)^2, (0.5 - 0)^2, mean 0.625. P: (2 - 1)^2, (1 - 2)^2, mean 1.
    assert loss_by_hand() == pytest.approx(0.5 * 0.625 + 0.5 * 1)
    assert loss_by_hand(lambda_percussive=0.0) == pytest.approx(0.5 * 0.625)
    assert loss_by_hand(lambda_harmonic=0.0) == pytest.approx(0.5)


def test_other_losses_by_hand():
    assert loss_by_hand(name="masked_l1") == pytest.approx(0.5 * 0.75 + 0.5 * 1)
    harmonic = (np.log(4 / 3) + np.log(1.5 / 1)) / 2
    percussive = (np.log(3 / 2) + np.log(3 / 2)) / 2
    assert loss_by_hand(name="log_l1") == pytest.approx(0.5 * (harmonic + percussive))
    harmonic = (1**2 + 0.5**2 + (50 - 0.25 * 99) ** 2) ** 0.5
    percussive = (1**2 + 1**2 + (49 - 0.5 * 99) ** 2) ** 0.5
    assert loss_by_hand(name="error_norm") == pytest.approx(0.5 * (harmonic + percussive))
    harmonic = (0.1 * 1**2 + 0.5**2 + (50 - 0.25 * 99) ** 2) ** 0.5
    percussive = (0.1 * 1**2 + 1**2 + (49 - 0.5 * 99) ** 2) ** 0.5
    less = {"low_bins": 1, "low_weight": 0.1}
    assert loss_by_hand(name="error_norm", **less) == pytest.approx(0.5 * (harmonic + percussive))


def test_si_sdr_of_known_errors(rng):
    stft = STFT(64, 32)
    sound = torch.from_numpy(rng.standard_normal((2, 2, 64 * 20)).astype(np.float32))
    sound[:, 1] = 0.5 * sound[:, 0]  # masks of 2/3 and 1/3 are right, up to scale any other is too
    loss = make_loss(LossSettings("si_sdr"), stft)
    for masks in ((2 / 3, 1 / 3), (0.9, 0.9)):
        whole = torch.tensor(masks)[None, :, None, None].expand(2, 2, 32, 39)
        assert loss(whole, compute_spectra(stft, sound)).item() < -20
    wrong = torch.rand(2, 2, 32, 39)
    assert -15 < loss(wrong, compute_spectra(stft, sound)).item() < 0
    silent = torch.zeros_like(sound)
    assert np.isfinite(loss(wrong, compute_spectra(stft, silent)).item())


def test_every_loss_has_a_finite_gradient_in_silence():
    names = ("masked_mse", "masked_l1", "log_l1", "error_norm", "si_sdr", "generalised_kl")
    for name in names:
        masks = torch.full((1, 2, 32, 5), 0.5, requires_grad=True)
        spectra = compute_spectra(STFT(64, 32), torch.zeros(1, 2, 64 + 4 * 32))
        make_loss(LossSettings(name), STFT(64, 32))(masks, spectra).backward()
        assert masks.grad is not None
        assert masks.grad.isfinite().all(), name


def test_what_a_mask_above_1_leaves_of_the_mixture_is_no_trouble_to_any_loss():
    percussive = torch.full((1, 32, 5), 3.0)
    masks = torch.stack([1 - percussive, percussive], dim=1).requires_grad_()
    noise = 100 * torch.rand(1, 2, 64 + 4 * 32, generator=torch.Generator().manual_seed(0))
    spectra = compute_spectra(STFT(64, 32), noise)
    for name in ("masked_mse", "masked_l1", "log_l1", "error_norm", "si_sdr", "generalised_kl"):
        loss = make_loss(LossSettings(name, lambda_harmonic=0.0), STFT(64, 32))(masks, spectra)
        assert loss.isfinite(), name
        (gradient,) = torch.autograd.grad(loss, masks)
        assert gradient.isfinite().all(), name


def test_generalised_kl_by_hand():
    estimates, targets = torch.tensor([[0.4, 0.2, 0.1, 0.9], [0.5, 0.1, 0, 1]])[
        :, None, None, :, None
    ]
    assert generalised_kl(estimates, targets).item() == pytest.approx(0.147618, abs=1e-6)
    assert generalised_kl(targets, targets).item() == 0
    # summed over bins, the mean over examples and frames
    twice = estimates.repeat(3, 1, 1, 5), targets.repeat(3, 1, 1, 5)
    assert generalised_kl(*twice).item() == pytest.approx(0.147618, abs=1e-6)
    assert generalised_kl(-estimates, targets).isfinite().all()


def test_generalised_kl_is_of_magnitudes_over_the_root_of_the_ffts_length():
    masks, spectra = by_hand()
    settings = LossSettings("generalised_kl", lambda_percussive=1.0, lambda_harmonic=0.0)
    estimates, targets = torch.tensor([[2.0, 1.0], [1.0, 2.0]]) / 4
    expected = generalised_kl(estimates[None, None, :, None], targets[None, None, :, None])
    assert make_loss(settings, STFT(16, 8))(masks, spectra) == pytest.approx(expected.item())


@pytest.mark.parametrize(
    ("target", "mixture", "source", "expected"),
    [
        ("harmonic_mean", 0.8, 0.3, 0.436364),
        ("harmonic_mean", 3.0, 2.5, 1.0),  # cut
        ("harmonic_mean", 0.5, 0.5, 0.5),
        ("harmonic_mean", 0.0, 0.0, 0.0),
        ("minimum", 0.8, 0.3, 0.3),
        ("minimum", 0.2, 0.3, 0.2),
        ("source", 0.2, 0.3, 0.3),
        ("source", 0.2, 1.3, 1.0),
    ],
)
def test_targets(target, mixture, source, expected):
    stft = STFT(64, 16)  # of which the root is 8
    turn = torch.exp(torch.tensor(1j))
    spectra = Spectra(*(8 * x * turn * torch.ones(1, 1, 1) for x in (mixture, source, source)))
    found = training_targets(stft, spectra, target, clip=1.0)
    assert found.mixture.abs().item() / 8 == pytest.approx(min(mixture, 1), abs=1e-6)
    for part in found[1:]:
        assert part.abs().item() / 8 == pytest.approx(expected, abs=1e-6)
        torch.testing.assert_close(part, part.abs() * turn)
    free = training_targets(stft, spectra, target, clip=0.0)
    assert free.mixture.abs().item() / 8 == pytest.approx(mixture)


def test_nothing_is_changed_where_nothing_is_asked_for(rng):
    stft = STFT(64, 32)
    sound = torch.from_numpy(rng.standard_normal((2, 2, 640)).astype(np.float32))
    spectra = compute_spectra(stft, sound)
    assert all(map(torch.equal, training_targets(stft, spectra, "source", 0.0), spectra))


@pytest.mark.parametrize(("window", "hop", "total"), [(2049, 384, 1106.0), (4096, 1024, 2211.38)])
def test_the_settings_of_mad_twinnet(window, hop, total):
    settings = ExampleSettings(
        window_length=window, hop_length=hop, fft_length=4096, window="symmetric hamming"
    )
    taper = settings.stft.taper
    assert taper.sum() == pytest.approx(total, abs=1e-3)
    assert settings.stft.bins == 2049
    sine = 0.5 * np.sin(2 * np.pi * 1000 / 44_100 * np.arange(3 * 4096))
    peak = np.abs(settings.stft.forward(sine)).max() / 64
    assert peak == pytest.approx({2049: 4.3080, 4096: 8.5390}[window], abs=5e-3)


def test_a_loss_counts_the_frames_that_are_answered_for(rng):
    stft = STFT(64, 32)
    sound = torch.from_numpy(rng.standard_normal((2, 2, 64 + 9 * 32)).astype(np.float32))
    spectra = compute_spectra(stft, sound)
    masks = torch.rand(2, 2, 32, 10)
    inner = Spectra(*(spectrogram[..., 3:7] for spectrogram in spectra))
    for name in ("masked_mse", "masked_l1", "log_l1", "si_sdr", "generalised_kl"):
        loss = make_loss(LossSettings(name), stft)
        assert torch.equal(loss(masks[..., 3:7], spectra), loss(masks[..., 3:7], inner)), name


def test_a_lesson_is_the_sum_of_its_terms():
    masks, spectra = by_hand()
    loss = make_loss(LossSettings(), STFT(4, 2), {"a": 2.0, "b": 0.0, "c": 3.0})
    training_output = TrainingOutput(
        masks, {"a": masks + 1, "b": masks + 2}, {"c": torch.tensor(5.0)}
    )
    expected = loss(masks, spectra) + 2 * loss(masks + 1, spectra) + 15
    assert loss(training_output, spectra).item() == pytest.approx(expected.item())


def test_normalisation_is_minimum_to_maximum_of_log1p(tiny, monkeypatch):
    recipe = tiny(validation__fraction=0.0)
    songs = select_songs(recipe).training
    stft = recipe.examples.stft
    magnitudes = [np.abs(stft.forward(song.mono("mixture")))[:-1] for song in songs]
    low, high = min(m.min() for m in magnitudes), max(m.max() for m in magnitudes)
    for block in (2048, 7):
        monkeypatch.setattr("ticktone.training.normalisation.BLOCK_FRAMES", block)
        found = magnitude_range(songs, recipe.examples)
        assert found == pytest.approx((np.log1p(low), np.log1p(high)), rel=1e-5)
    normalise = min_max_normalisation(*found)
    ends = normalise(torch.tensor([low, high]))
    torch.testing.assert_close(ends, torch.tensor([0.0, 1.0]), atol=1e-5, rtol=0)


def test_normalisation_takes_the_logarithm():
    assert Normalisation(0.0, np.log1p(15.0))(torch.tensor(3.0)).item() == pytest.approx(0.5)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("gain", [1e-6, 0.01, 300.0])
def test_a_level_normalised_example_does_not_tell_how_loud_it_was(gain, causal, rng):
    magnitude = torch.from_numpy(rng.gamma(1, 5, (2, 2, 16, 40)).astype(np.float32))
    magnitude[1, ..., 20:] *= 0.01
    normalise = LevelNormalisation(0.0, 5.0, level=3.0, causal=causal)
    torch.testing.assert_close(normalise(gain * magnitude), normalise(magnitude))
    assert not normalise(torch.zeros(1, 1, 16, 40)).any()


def test_silence_around_an_example_does_not_change_its_level(rng):
    magnitude = torch.from_numpy(rng.gamma(1, 5, (1, 1, 16, 40)).astype(np.float32))
    padded = torch.nn.functional.pad(magnitude, (0, 60))
    normalise = LevelNormalisation(0.0, 1.0, level=3.0)
    shown = normalise(magnitude)
    torch.testing.assert_close(normalise(padded)[..., :40], shown)
    steady = torch.full((1, 1, 16, 40), 0.2)
    torch.testing.assert_close(normalise(steady), torch.full_like(steady, np.log(4.0)))


@pytest.mark.parametrize("gain", [1e-6, 0.01, 300.0])
def test_linear_magnitudes_at_one_level_do_not_tell_how_loud_they_were(gain, rng):
    magnitude = torch.from_numpy(rng.gamma(1, 5, (2, 1, 16, 40)).astype(np.float32))
    scale = LevelScaling(0.25, level=3.0)
    torch.testing.assert_close(scale(gain * magnitude), scale(magnitude))
    proportions = scale(magnitude) / magnitude  # one factor for all of an example
    torch.testing.assert_close(proportions, proportions[..., :1, :1].expand_as(proportions))
    steady = torch.full((1, 1, 16, 40), 0.2)
    torch.testing.assert_close(scale(steady), torch.full_like(steady, 0.75))


def test_a_causal_level_is_of_what_came_before(rng):
    magnitude = torch.from_numpy(rng.gamma(1, 5, (1, 1, 16, 40)).astype(np.float32))
    louder = magnitude.clone()
    louder[..., 20:] *= 100
    causal, whole = (LevelNormalisation(0.0, 1.0, 3.0, causal) for causal in (True, False))
    torch.testing.assert_close(causal(louder)[..., :20], causal(magnitude)[..., :20])
    assert not torch.allclose(whole(louder)[..., :20], whole(magnitude)[..., :20], atol=0.1)
