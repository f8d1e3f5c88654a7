"""Images with movement that is known exactly, drawn from formulas."""

import numpy as np


def waves(x, y):
    """A smooth texture defined everywhere, 0..1."""
    return (
        0.5
        + 0.16 * np.sin(0.45 * x + 0.1 * y)
        + 0.14 * np.sin(0.38 * y - 0.2 * x + 1)
        + 0.12 * np.sin(0.21 * x + 0.27 * y + 2)
    )


def moved_waves(height, width, flow):
    """``reference(x, y) = moving(x + u, y + v)`` for a flow given as (u, v)."""
    y, x = np.mgrid[:height, :width].astype(float)
    u, v = flow
    return waves(x + u, y + v), waves(x, y)


def sinusoid_flow(height, width, peak):
    y, x = np.mgrid[:height, :width]
    u = peak * np.sin(2 * np.pi * y / height)
    v = peak * np.cos(2 * np.pi * x / width)
    return np.stack((u, v))


def to_bytes(image, rng=None, noise=0.0):
    levels = 255 * image
    if rng is not None:
        levels = levels + noise * rng.standard_normal(image.shape)
    return np.clip(np.round(levels), 0, 255).astype(np.uint8)


def end_point_error(flow, truth, margin=0):
    error = np.linalg.norm(flow - truth, axis=-1)
    return error[margin : error.shape[0] - margin, margin : error.shape[1] - margin].mean()
