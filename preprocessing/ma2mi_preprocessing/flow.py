"""Dense optical flow between two gray images: TV-L1, on one CPU core per pair."""

import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import checks
from .kernels.pair import solve_pair

SMALLEST_SIDE = 16
"""Shortest image side, and shortest side of a pyramid level, in pixels."""

_LARGEST_PLAUSIBLE_INTENSITY = 4.0

Plane = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _TVL1Parameters:
    attachment: float
    tightness: float
    time_step: float
    warps: int
    iterations: int
    levels: int
    median: bool
    even_lighting: bool

    def __post_init__(self) -> None:
        for name in ("attachment", "tightness", "time_step"):
            checks.check_positive(name, getattr(self, name))
        for name in ("warps", "iterations", "levels"):
            checks.check_count(name, getattr(self, name))


def _to_plane(image: npt.NDArray[np.generic]) -> Plane:
    """A private C-ordered float32 copy with intensities 0..1."""
    if image.dtype == np.uint8:
        return np.divide(image, np.float32(255), dtype=np.float32, order="C")
    return np.array(image, np.float32, order="C")


def _flow_of_pair(
    reference: npt.NDArray[np.generic],
    moving: npt.NDArray[np.generic],
    parameters: _TVL1Parameters,
    out: npt.NDArray[np.float32],
) -> None:
    solve_pair(
        _to_plane(reference),
        _to_plane(moving),
        out,
        float(parameters.attachment),
        float(parameters.tightness),
        float(parameters.time_step),
        int(parameters.warps),
        int(parameters.iterations),
        int(parameters.levels),
        SMALLEST_SIDE,
        bool(parameters.median),
        bool(parameters.even_lighting),
    )


def _flow_of_batch(
    reference: npt.NDArray[np.generic],
    moving: npt.NDArray[np.generic],
    parameters: _TVL1Parameters,
    out: npt.NDArray[np.float32],
    threads: int,
) -> None:
    def solve(indices: Iterator[int]) -> None:
        # Each thread writes its own part, rather than one of them copying all at the end.
        for index in indices:
            _flow_of_pair(reference[index], moving[index], parameters, out[index])

    # The threads share one iterator: a task for each pair would wake this thread after each, at
    # the cost of the others.
    indices = iter(range(len(out)))
    helpers = min(threads, len(out)) - 1
    if helpers < 1:
        solve(indices)
        return
    with ThreadPoolExecutor(helpers) as pool:
        others = [pool.submit(solve, indices) for _ in range(helpers)]
        try:
            solve(indices)
        finally:
            # Where this thread is interrupted, the others find nothing more to do.
            deque(indices, maxlen=0)
        for other in others:
            other.result()


def _check_pair(reference: npt.NDArray[np.generic], moving: npt.NDArray[np.generic]) -> None:
    for name, image in (("reference", reference), ("moving", moving)):
        checks.check_image_dtype(name, image)
        checks.check_gray(name, image, SMALLEST_SIDE)
    checks.check_same_shape(reference, moving)
    for name, image in (("reference", reference), ("moving", moving)):
        checks.check_finite(name, image)
        _warn_of_byte_range(name, image)


def _warn_of_byte_range(name: str, image: npt.NDArray[np.generic]) -> None:
    # Not an error, as such flow is valid; but grey levels 0..255 as floats weigh the data term
    # 255 times more than meant, and the result is merely noisy, which is easily overlooked.
    if image.dtype == np.uint8:
        return
    largest = float(np.abs(image).max())
    if largest > _LARGEST_PLAUSIBLE_INTENSITY:
        warnings.warn(
            f"`{name}` is floating point, for which intensities 0..1 are expected, but reaches "
            f"{largest:g}: divide grey levels 0..255 by 255",
            stacklevel=4,
        )


def optical_flow_tvl1(
    reference: npt.ArrayLike,
    moving: npt.ArrayLike,
    *,
    attachment: float = 38.0,
    tightness: float = 0.05,
    time_step: float = 0.25,
    warps: int = 2,
    iterations: int = 20,
    levels: int = 8,
    median: bool = True,
    even_lighting: bool = True,
    threads: int = 1,
) -> npt.NDArray[np.float32]:
    r"""Estimate dense optical flow with the TV-L1 method.

    Minimises, from coarse to fine,

    .. math:: \int |\nabla u| + |\nabla v| + \lambda\,|I_1(x + u, y + v) - I_0(x, y) - l(x, y)| ,

    where :math:`l` is a smooth change of light, estimated along the way.

    Parameters
    ----------
    reference, moving : array_like, shape (H, W) or (N, H, W)
        Gray images :math:`I_0` and :math:`I_1`, uint8 (0..255) or floating point (0..1), of
        at least 16x16 pixels. Never modified. Floating point is computed in float32.
    attachment : float, optional
        :math:`\lambda`, the weight of the data term for intensities 0..1; 38 is the 0.15 of [2]_
        for intensities 0..255. Smaller gives a smoother flow. It is doubled with each coarser level
        but the coarsest.
    tightness : float, optional
        :math:`\theta`, in squared pixels, how far the two coupled fields of the method may part.
        Smaller follows the model more closely and converges more slowly. It is halved with each
        coarser level, and doubled at the coarsest.
    time_step : float, optional
        :math:`\tau`, the step of the dual ascent. Up to 1/8 convergence is proven, up to 1/4 it is
        seen in practice; more diverges.
    warps : int, optional
        How often the moving image is warped and linearised anew at each level; four times more at
        the coarsest.
    iterations : int, optional
        Iterations per warp at the finest level, doubled with each coarser one. A fixed number, so
        the time does not depend on the content.
    levels : int, optional
        Largest number of pyramid levels, each half as large as the one before and none with a side
        under 16 pixels. Movements up to some 3 pixels at the coarsest level can be found.
    median : bool, optional
        Whether to remove outliers with a 3x3 median filter after each warp.
    even_lighting : bool, optional
        Whether a change of light that varies smoothly over the image (brighter, darker, a moving
        shade) is told from movement. Without it a change of half a per cent looks like a movement
        of a few tenths of a pixel.
    threads : int, optional
        Number of threads that share the pairs of a batch. The result does not depend on it.

    Returns
    -------
    ndarray of float32, shape (H, W, 2) or (N, H, W, 2)
        ``[..., 0]`` is u (columns, right is positive), ``[..., 1]`` is v (rows, down is positive),
        in pixels: ``reference[y, x]`` is found at ``moving[y + v, x + u]``. Identical images give
        exactly zero.

    Warns
    -----
    UserWarning
        Where floating-point intensities are far outside 0..1.

    Raises
    ------
    ValueError
        Where shapes differ, an image is colour, too small, empty, neither uint8 nor floating
        point, or holds NaN or infinity; or a parameter is out of its range.

    Notes
    -----
    Departures from [1]_ and [2]_:

    - The total variation is :math:`|u_x| + |u_y|`, not :math:`\sqrt{u_x^2 + u_y^2}`. Mirrored or
      transposed images then give the mirrored or transposed flow (to 0.001 pixel; at single
      pixels between two equally good solutions, and where two images have nothing in common,
      rounding errors grow beyond that).
    - Both images are smoothed by [1 4 1]/6 along each axis, as part of the spline interpolation.
    - Image gradients of less than some 2.5 grey levels per pixel count for less and less.
    - `even_lighting` is our own: the mean of the brightness difference over some ten pixels,
      weighted by the inverse squared gradient, is taken for a change of light where it exceeds a
      quarter of a grey level.

    The first call of an installation compiles the kernels, up to half a minute, and says so to the
    logger ``ma2mi_preprocessing``. Numba keeps them beside the package or, where that
    cannot be written, in a folder of the user's or that named by ``NUMBA_CACHE_DIR``.

    References
    ----------
    .. [1] C. Zach, T. Pock and H. Bischof, "A duality based approach for realtime TV-L1 optical
       flow", DAGM 2007. :doi:`10.1007/978-3-540-74936-3_22`
    .. [2] J. Sánchez, E. Meinhardt-Llopis and G. Facciolo, "TV-L1 optical flow estimation",
       Image Processing On Line 3, 2013. :doi:`10.5201/ipol.2013.26`

    Examples
    --------
    >>> import numpy as np
    >>> from ma2mi_preprocessing import optical_flow_tvl1
    >>> y, x = np.mgrid[:64, :64]
    >>> reference = 0.5 + 0.25 * np.sin(x / 4) + 0.25 * np.sin(y / 4)
    >>> moving = np.roll(reference, 1, axis=1)
    >>> flow = optical_flow_tvl1(reference, moving)
    >>> flow.shape
    (64, 64, 2)
    """
    reference = np.asarray(reference)
    moving = np.asarray(moving)
    _check_pair(reference, moving)
    checks.check_count("threads", threads)
    parameters = _TVL1Parameters(
        attachment, tightness, time_step, warps, iterations, levels, median, even_lighting
    )
    flow = np.empty((*reference.shape, 2), np.float32)
    if reference.ndim == 2:
        _flow_of_pair(reference, moving, parameters, flow)
    else:
        _flow_of_batch(reference, moving, parameters, flow, threads)
    return flow
