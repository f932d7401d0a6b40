"""A transformer for scikit-learn: one part of each recording, as a step of a pipeline.

Importing this module needs scikit-learn; nothing else in ticktone does.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from ticktone.errors import TicktoneError, unknown
from ticktone.methods import DEFAULT
from ticktone.parts import PARTS
from ticktone.separator import Separator

Audio = NDArray[Any]


class PartTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # it has no types
    """Replaces recordings by one of their parts.

    It learns nothing: `fit` only checks its parameters, which a grid search may set.

    Parameters
    ----------
    part : {"harmonic", "percussive", "residual"}
    method : str
        One of `ticktone.methods()`, or the path of an .onnx file.
    sample_rate : int
        Hz, of all recordings.
    options : dict, optional
        The method's, and `ticktone.Separator`'s.

    Examples
    --------
    >>> clips = np.sin(np.outer([1, 2], np.arange(22_050)) * 0.05).astype(np.float32)
    >>> PartTransformer("harmonic", "median").fit_transform(clips).shape
    (2, 22050)
    """

    def __init__(
        self,
        part: str = "harmonic",
        method: str = DEFAULT,
        sample_rate: int = 44_100,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.part = part
        self.method = method
        self.sample_rate = sample_rate
        self.options = options

    def fit(self, X: Any, y: Any = None) -> "PartTransformer":
        """Check the parameters.

        Raises
        ------
        TicktoneError
            If there is no such method, option or part.
        """
        self._separator()
        return self

    def transform(self, X: Any) -> Any:
        """Return the part of each recording.

        Parameters
        ----------
        X : ndarray [shape=(recordings, samples)] or list of ndarray
            A list may hold recordings of different lengths, each of shape (samples,) or
            (channels, samples).

        Returns
        -------
        ndarray [shape=(recordings, samples)] or list of ndarray
            As `X`.

        Raises
        ------
        TicktoneError, TypeError, ValueError
            As `ticktone.separate`.
        """
        separator = self._separator()
        each = [self._part(separator, recording) for recording in X]
        return np.stack(each) if isinstance(X, np.ndarray) and each else each

    def _separator(self) -> Separator[Any]:
        separator = Separator(self.method, **(self.options or {}))
        if self.part not in PARTS:
            raise TicktoneError(unknown("part", self.part, PARTS))
        if self.part not in separator.parts:
            raise TicktoneError(f"{self.method} has no {self.part}; there is with method='hpr'")
        return separator

    def _part(self, separator: Separator[Any], recording: Audio) -> Audio:
        part: Audio = getattr(separator.separate(recording, self.sample_rate), self.part)
        return part

    def __sklearn_is_fitted__(self) -> bool:
        """Whether `transform` may be called: always, as there is nothing to learn."""
        return True
