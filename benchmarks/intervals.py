"""How often intervals over songs hold the truth: the percentile bootstrap, and what we print.

    python benchmarks/intervals.py [TRIALS]

Differences of two methods are drawn, song by song, from a normal, an exponential and a Laplace
distribution; 95 % is what both intervals claim.
"""

import sys

import numpy as np

from ticktone.evaluation.intervals import margin_of_mean, margin_of_resampled

RESAMPLES = 1000
STATISTICS = {"mean": np.mean, "median": np.median}


def draw(rng: np.random.Generator, kind: str, songs: int) -> np.ndarray:
    if kind == "normal":
        return rng.normal(0, 1, songs)
    return rng.exponential(1, songs) if kind == "exponential" else rng.laplace(0, 1, songs)


def coverage(kind: str, name: str, songs: int, trials: int) -> tuple[float, float]:
    """Return how often the percentile interval and ours hold the truth."""
    rng = np.random.default_rng([songs, trials])
    statistic = STATISTICS[name]
    truth = {"mean": 1.0, "median": np.log(2)}[name] if kind == "exponential" else 0.0
    held = np.zeros(2)
    for _ in range(trials):
        values = draw(rng, kind, songs)
        resampled = statistic(values[rng.integers(0, songs, (RESAMPLES, songs))], axis=1)
        low, high = np.percentile(resampled, [2.5, 97.5])
        margin = margin_of_mean(values)
        if name == "median":
            margin = margin_of_resampled(resampled, songs)
        held += (low <= truth <= high, abs(statistic(values) - truth) <= margin)
    percentile, ours = held / trials
    return float(percentile), float(ours)


def main(trials: str = "2000") -> None:
    print("statistic  differences   songs  percentile   ours")
    for name in STATISTICS:
        for kind in ("normal", "exponential", "laplace"):
            for songs in (2, 3, 6, 10, 16, 50):
                percentile, ours = coverage(kind, name, songs, int(trials))
                print(f"{name:9}  {kind:12} {songs:6} {percentile:10.1%} {ours:7.1%}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
