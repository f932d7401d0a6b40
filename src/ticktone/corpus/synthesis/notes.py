"""Notes, and the grid of beats that they lie on."""

from dataclasses import dataclass


@dataclass
class Note:
    """A note or hit: seconds, MIDI pitch or percussion key, velocity from 1 to 127."""

    start: float
    end: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Grid:
    """Where a song's sixteenths lie.

    Parameters
    ----------
    tempo : float
        Beats (quarters) a minute.
    swing : float
        How late every other sixteenth is, in sixteenths.
    steps : int
        Sixteenths in a bar.
    """

    tempo: float
    swing: float = 0.0
    steps: int = 16

    @property
    def beat(self) -> float:
        """Seconds of a beat."""
        return 60 / self.tempo

    @property
    def bar(self) -> float:
        """Seconds of a bar."""
        return self.steps * self.beat / 4

    def time(self, bar: int, step: float) -> float:
        """Return the time of a sixteenth in seconds; steps may lie outside of the bar."""
        late = self.swing if step % 2 == 1 else 0.0
        return bar * self.bar + (step + late) * self.beat / 4
