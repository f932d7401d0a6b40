"""What a training reports while it runs; the command line derives its own from this."""

from ticktone.training.curves import EpochRecord


class Reporter:
    """Receives the progress of a training, and does nothing with it.

    Derive a class and override what is wanted.

    Examples
    --------
    >>> class Printer(Reporter):
    ...     def note(self, text):
    ...         print(text)
    >>> Printer().note("measuring the magnitudes of 2 songs")
    measuring the magnitudes of 2 songs
    """

    def note(self, text: str) -> None:
        """Receive a remark of one line."""

    def step(self, epoch: int, step: int, steps: int) -> None:
        """Receive the number of steps done in an epoch; `epoch` counts from 0, `step` from 1."""

    def epoch(self, row: EpochRecord, best: bool) -> None:
        """Receive a finished epoch, and whether it is the best so far."""
