"""A corpus of songs in a harmonic and a percussive part, rendered from scores and samples."""
