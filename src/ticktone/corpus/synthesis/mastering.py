"""From two parts to a record: dirt, balance, glue and a limiter, whose gains both parts share."""

import numpy as np

from ticktone.corpus.effects import Band, Sound, equalise, gain, level_db
from ticktone.corpus.performance import CEILING, HARMONIC_DB
from ticktone.corpus.records import draw_master_bands, master_gains
from ticktone.corpus.synthesis import production

Parts = dict[str, Sound]


def master(
    parts: Parts,
    sample_rate: int,
    rng: np.random.Generator,
    balance_db: float,
    dirty: bool,
) -> Parts:
    """Master a song.

    Parameters
    ----------
    parts : dict of str to ndarray [shape=(2, samples)]
        "percussive" and "harmonic".
    sample_rate : int
        Hz.
    rng : Generator
    balance_db : float
        How much louder than the harmonic part the percussive one is to be.
    dirty : bool
        Whether a tape, a record or a cheap sampler is in the way.

    Returns
    -------
    dict of str to ndarray [shape=(2, samples)]
        What is silent is left out. Linear effects are the same for both parts, and of the others
        both take the mixture's gains: the parts add up to the mastered mixture.
    """
    wanted = {"harmonic": HARMONIC_DB, "percussive": HARMONIC_DB + balance_db}
    levelled: Parts = {}
    for name, part in parts.items():
        found = level_db(part, sample_rate)
        if np.isfinite(found):
            levelled[name] = gain(part, wanted[name] - found)
    if not levelled:
        return {}
    if dirty:
        levelled = _dirt(levelled, sample_rate, rng)
    bands = draw_master_bands(rng)
    levelled = {name: equalise(part, sample_rate, bands) for name, part in levelled.items()}
    mixture = np.sum(list(levelled.values()), axis=0)
    factors = master_gains(mixture, sample_rate, rng)
    finished = {name: part * factors for name, part in levelled.items()}
    heard = [*finished.values(), np.sum(list(finished.values()), axis=0)]
    peak = max(float(abs(sound).max()) for sound in heard)
    scale = np.float32(min(1.0, CEILING / max(peak, 1e-9)))
    return {name: part * scale for name, part in finished.items()}


def _dirt(parts: Parts, sample_rate: int, rng: np.random.Generator) -> Parts:
    """Play a song from a tape or a record, or through a cheap sampler.

    Hiss goes on and is of the harmonic part, crackle hits and is of the percussive part.
    """
    samples = next(iter(parts.values())).shape[1]
    kind = str(rng.choice(("tape", "record", "sampler")))
    if kind == "sampler":
        factor = int(rng.integers(2, 6))
        return {name: production.hold(part, factor) for name, part in parts.items()}
    curve = production.draw_wow(samples, sample_rate, rng.uniform(0.2, 1.5), rng)
    dull = (Band("lowpass", rng.uniform(7000, min(16000, 0.45 * sample_rate))),)
    worn = {
        name: equalise(production.wow(part, sample_rate, curve), sample_rate, dull)
        for name, part in parts.items()
    }
    for name, noise in (
        ("harmonic", gain(production.hiss(samples, sample_rate, rng), rng.uniform(-70, -45))),
        (
            "percussive",
            gain(production.crackle(samples, sample_rate, rng.uniform(2, 30), rng), -14)
            if kind == "record"
            else None,
        ),
    ):
        if noise is not None:
            worn[name] = worn[name] + noise if name in worn else noise
    return worn
