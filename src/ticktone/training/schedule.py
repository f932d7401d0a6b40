"""The schedule: when the learning rate falls and when training ends."""

from dataclasses import dataclass

from ticktone.training.recipe import Schedule


@dataclass
class Plateau:
    """The best score, and how long ago it was. Lower scores are better.

    Parameters
    ----------
    best : float, optional
    waited : int
        Scores since the best.
    waited_here : int
        Scores since the best or since the learning rate fell, whichever was later.
    falls : int
        How often the learning rate fell.

    Examples
    --------
    >>> plateau, settings = Plateau(), Schedule(patience=2, factor=0.5)
    >>> [plateau.update(score, settings) for score in (3.0, 2.0, 2.5, 2.1)]
    [True, True, False, False]
    >>> plateau.factor(settings)
    0.5
    """

    best: float | None = None
    waited: int = 0
    waited_here: int = 0
    falls: int = 0

    def update(self, score: float, settings: Schedule) -> bool:
        """Record a score; return whether it is a new best."""
        if self.best is None or score < self.best:
            self.best, self.waited, self.waited_here = score, 0, 0
            return True
        self.waited += 1
        self.waited_here += 1
        if self.waited_here >= settings.patience:
            self.falls += 1
            self.waited_here = 0
        return False

    def factor(self, settings: Schedule) -> float:
        """Return the factor of the first learning rate."""
        return settings.factor**self.falls

    def exhausted(self, settings: Schedule) -> bool:
        """Return whether it is time to stop."""
        return self.waited >= settings.stop_after
