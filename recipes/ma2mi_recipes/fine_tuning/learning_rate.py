"""The learning rate of each epoch."""

import math


def warm_up_then_cosine(epoch: int, epochs: int, peak: float) -> float:
    """Rises over the first tenth of the epochs, then falls to zero along a cosine.

    Args:
        epoch: From 0.
        epochs: Length of the whole schedule.
        peak: Largest rate.
    """
    warm_up = max(1, epochs // 10)
    if epoch < warm_up:
        return peak * (epoch + 1) / warm_up
    done = (epoch - warm_up) / max(1, epochs - warm_up)
    return peak * 0.5 * (1 + math.cos(math.pi * done))
