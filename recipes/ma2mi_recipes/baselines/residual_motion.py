"""Flow without the motion of the head, so that what moves in the face is left."""

import numpy as np
import numpy.typing as npt

Motion = npt.NDArray[np.float32]

_ROUNDS = 10
# Deviations below this share of the flow's size count alike: they are noise of the estimate.
_NOISE = 0.1
_TINY = 1e-6


def residual_motion(motion: Motion) -> Motion:
    """Takes off the affine motion that most of each face shares.

    Shift, roll, zoom and slant of a stiff head are nearly affine in the picture. They are fitted
    to u and to v by least absolute deviations (least squares with weights renewed ten times), so
    that the few places that an expression moves do not bend the fit.

    Args:
        motion: `(N, H, W, C)`; its last three channels are u, v and strain.

    Returns:
        The same with u and v as deviations from the fit; other channels are left alone, for strain
        hardly tells of a stiff head.

    Reference:
        - Holland and Welsch, "Robust regression using iteratively reweighted least-squares",
          Communications in Statistics 6, 1977.
    """
    count, height, width = motion.shape[:3]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    places = np.stack([np.ones(height * width), x.ravel(), y.ravel()], axis=1)
    left = motion.copy()
    for channel in (-3, -2):
        values = motion[..., channel].reshape(count, -1).astype(np.float64)
        left[..., channel] = _deviations(places, values).reshape(count, height, width)
    return left


def _deviations(
    places: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """`(N, P)` values minus their robust fit by the `(P, D)` places."""
    weights = np.ones_like(values)
    size = np.sqrt(np.square(values).mean(axis=1, keepdims=True))
    for _ in range(_ROUNDS):
        weighted = np.einsum("np,pd->npd", weights, places)
        normal = np.einsum("npd,pe->nde", weighted, places)
        target = np.einsum("npd,np->nd", weighted, values)
        fit = np.linalg.solve(normal, target[..., None])[..., 0]
        deviations = values - fit @ places.T
        weights = 1.0 / (np.abs(deviations) + _NOISE * size + _TINY)
    return deviations
