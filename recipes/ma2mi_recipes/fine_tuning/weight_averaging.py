"""Averages of a network's weights over the epochs of a training."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt

Averaging = Literal["none", "last", "ema"]

Values = list[npt.NDArray[Any]]


class WeightAverage:
    """The average of a network's weights as they were at the ends of its epochs so far.

    It is computed in NumPy, in float32, so that it is the same on every backend.

    Args:
        network: A built network.
        kind: `"last"`: the mean over the last `epochs` epochs. `"ema"`: an exponential moving
            average that forgets within about `epochs` epochs; as long as there are fewer, their
            mean. `"none"`: the weights as they are.
        epochs: 1 or more.
        refresh: Called when the network was given the average, to bring what is no weight, such as
            statistics of batch normalisation, into line with it. By default these are averaged
            like weights, which lags behind where a training is short.

    Reference:
        Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization",
        UAI 2018, for the mean over the ends of epochs.
    """

    def __init__(
        self,
        network: keras.Model,
        kind: Averaging,
        epochs: int,
        refresh: Callable[[], None] = lambda: None,
    ) -> None:
        self._network, self._kind, self._epochs = network, kind, epochs
        self._refresh = refresh
        self._variables = [
            variable
            for variable in network.variables
            if keras.backend.is_float_dtype(variable.dtype)
        ]
        self._last: deque[Values] = deque(maxlen=epochs)
        self._moving: Values = []
        self._count = 0

    def add(self) -> None:
        """Takes in the weights as they are now, at the end of an epoch."""
        if self._kind == "none":
            return
        self._count += 1
        now = _values(self._variables)
        if self._kind == "last":
            self._last.append(now)
        elif not self._moving:
            self._moving = now
        else:
            share = np.float32(1 / min(self._count, self._epochs))
            for average, value in zip(self._moving, now, strict=True):
                average += share * (value - average)

    def put(self) -> None:
        """Gives the network the average for good."""
        if self._count:
            _assign(self._variables, self._average())
            self._refresh()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The network has the average inside, and its training goes on as it was afterwards."""
        if not self._count:
            yield
            return
        optimizer = getattr(self._network, "optimizer", None)
        everything = [*self._network.variables, *(optimizer.variables if optimizer else [])]
        own = _values(everything)
        self.put()
        try:
            yield
        finally:
            _assign(everything, own)

    def _average(self) -> Values:
        if self._kind == "ema":
            return self._moving
        return [np.mean(values, axis=0) for values in zip(*self._last, strict=True)]


def _values(variables: Sequence[Any]) -> Values:
    # JAX hands out views of buffers that the next step overwrites.
    return [keras.ops.convert_to_numpy(variable).copy() for variable in variables]


def _assign(variables: Sequence[Any], values: Values) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
