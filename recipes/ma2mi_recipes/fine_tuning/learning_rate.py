"""The learning rate of each epoch."""

import math
from typing import Literal

Schedule = Literal["cosine", "constant", "exponential"]

EXPONENTIAL_DECAY = 0.987
"""Factor an epoch of the exponential schedule, that of MMNet's published training."""


def learning_rate(
    epoch: int,
    epochs: int,
    peak: float,
    schedule: Schedule = "cosine",
    warm_up: int | None = None,
) -> float:
    """Rises linearly over the warm-up, then goes the way of the schedule.

    Args:
        epoch: From 0.
        epochs: Length of the whole schedule.
        peak: Largest rate.
        schedule: `"cosine"` falls to zero along half a wave, `"constant"` stays,
            `"exponential"` loses 1.3 per cent an epoch.
        warm_up: Epochs of the warm-up, 0 for none. Defaults to a tenth of all, one at least.
    """
    if warm_up is None:
        warm_up = max(1, epochs // 10)
    if epoch < warm_up:
        return peak * (epoch + 1) / warm_up
    if schedule == "constant":
        return peak
    if schedule == "exponential":
        return peak * EXPONENTIAL_DECAY ** (epoch - warm_up)
    done = (epoch - warm_up) / max(1, epochs - warm_up)
    return peak * 0.5 * (1 + math.cos(math.pi * done))
