"""Blocks of samples in, blocks out, as if the whole recording had been there at once."""
