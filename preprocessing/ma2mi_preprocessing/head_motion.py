"""The part of a flow that is the head moving as a whole."""

import numpy as np
import numpy.typing as npt

_REWEIGHTINGS = 6
# Tukey's constant: 95 % as efficient as least squares where no part of the face deforms.
_CUT_OFF = 4.685
# Flow is smooth, so every second pixel along each axis tells the fit as much as all of them.
_STRIDE = 2


def head_motion(
    flow: npt.NDArray[np.float32], region: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """Find the affine motion that most of the face follows.

    Six parameters (shift, rotation, scale, shear) are fitted by iteratively reweighted least
    squares with Tukey's biweight, so that the part of the face that acts does not pull the fit.

    Parameters
    ----------
    flow : ndarray, shape (H, W, 2), float32
    region : ndarray, shape (H, W), bool
        Pixels that belong to the face, at least a few dozen.

    Returns
    -------
    ndarray, shape (H, W, 2), float32
        The fitted motion at every pixel, also outside of `region`, in the unit of `flow`. Taken
        from `flow`, it leaves the movement of the face itself.
    """
    height, width = region.shape
    rows = np.linspace(-1.0, 1.0, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1.0, 1.0, width, dtype=np.float32)[None, :]
    basis = np.stack(np.broadcast_arrays(np.float32(1.0), columns, rows), axis=-1)
    sparse = np.s_[::_STRIDE, ::_STRIDE]
    points = basis[sparse][region[sparse]].astype(np.float64)
    vectors = flow[sparse][region[sparse]].astype(np.float64)
    return np.asarray(basis @ _robust_fit(points, vectors).astype(np.float32))


def _robust_fit(
    points: npt.NDArray[np.float64], vectors: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    weights = np.ones(len(points))
    for _ in range(_REWEIGHTINGS):
        weighted = points * weights[:, None]
        parameters = np.linalg.lstsq(weighted.T @ points, weighted.T @ vectors, rcond=None)[0]
        distance = np.linalg.norm(vectors - points @ parameters, axis=1)
        # Median length of a two-dimensional normal vector of unit deviation: 1.1774.
        deviation = max(float(np.median(distance)) / 1.1774, 1e-6)
        weights = np.clip(1.0 - (distance / (_CUT_OFF * deviation)) ** 2, 1e-6, None) ** 2
    return np.asarray(parameters)
