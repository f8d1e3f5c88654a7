"""AdamW as fine-tuning uses it: what decays, and what learns how fast."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

_NOT_DECAYED = ("bias", "beta", "gamma", "position_embedding")


def is_decayed(variable: Any) -> bool:
    """Whether weight decay acts on a variable: on kernels, and on nothing else.

    Biases and the gains and offsets of normalisation do not make a function wilder by being large,
    and position embeddings say where a place is. Biases of attention have two axes, so names tell.
    """
    return variable.name not in _NOT_DECAYED and len(variable.shape) > 1


def adamw(
    variables: Sequence[Any],
    learning_rate: float,
    weight_decay: float,
    factors: Mapping[str, float] | None = None,
) -> keras.optimizers.Optimizer:
    """AdamW, built for variables, whose decay acts on kernels only.

    Args:
        variables: All that it will train.
        learning_rate: Peak rate.
        weight_decay: Decoupled from the gradient.
        factors: Where given, a `StagedAdamW` whose variables have these factors of the rate, by
            path.
    """
    if factors is None:
        optimizer = keras.optimizers.AdamW(learning_rate, weight_decay=weight_decay)
        kept = [variable for variable in variables if not is_decayed(variable)]
        optimizer.exclude_from_weight_decay(var_list=kept)
    else:
        optimizer = StagedAdamW(learning_rate, weight_decay, factors)
    optimizer.build(variables)
    return optimizer


class StagedAdamW(keras.optimizers.Adam):
    """AdamW in which each variable has a factor of the learning rate of its own.

    Adam divides by the size of the gradient, so a factor on the gradient would do nothing: it has
    to act on the rate. The factors are a variable of the optimizer, so that they can be changed
    between epochs without a second compilation; at 0 a variable stays what it is, bit for bit.

    Args:
        learning_rate: Peak rate.
        weight_decay: Decoupled from the gradient; acts on kernels only, and by the same factors.
        factors: Factor of each variable, by path.
    """

    def __init__(
        self,
        learning_rate: float,
        weight_decay: float = 0.0,
        factors: Mapping[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self._decay, self._factors = weight_decay, dict(factors or {})

    def build(self, variables: Sequence[Any]) -> None:
        if self.built:
            return
        super().build(variables)
        self._paths = [variable.path for variable in variables]
        self._decayed = [is_decayed(variable) for variable in variables]
        self.rates = self.add_variable(
            (len(variables),), initializer="ones", dtype="float32", name="rates"
        )
        self.set_factors(self._factors)

    def set_factors(self, factors: Mapping[str, float]) -> None:
        """Gives the variables new factors, by path; 1 where there is none."""
        self.rates.assign(np.array([factors.get(path, 1.0) for path in self._paths], np.float32))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        # TensorFlow hands out its own variables, which have no path.
        place = self._get_variable_index(variable)
        factor = keras.ops.convert_to_tensor(self.rates)[place]
        rate = keras.ops.cast(learning_rate, variable.dtype) * keras.ops.cast(
            factor, variable.dtype
        )
        if self._decay and self._decayed[place]:
            self.assign_sub(variable, keras.ops.multiply(variable, self._decay * rate))
        super().update_step(gradient, variable, rate)
