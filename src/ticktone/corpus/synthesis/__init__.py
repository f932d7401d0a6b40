"""Songs that are synthesised: electronic drums and instruments, composed and played at random.

What flows where: `genres` and `arrangement` say what is to be played, `patterns` and `melodies`
(with `harmony`) write the notes, `drum_machines` and `voices` (with `patches`) play them,
`production` and `mastering` make a record of it, `composition` puts all that in a row, and
`synthesise` writes songs into a corpus.

**What is neither drum nor tone** (risers, sweeps, zaps, bursts of noise) is of the harmonic part if
it is longer than a beat, else of the percussive one; see `sound_effects`.
"""
