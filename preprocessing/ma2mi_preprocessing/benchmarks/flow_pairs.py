"""Image pairs whose dense flow is known, as test material for flow methods."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .flow_lighting import scene_in_other_light
from .flow_pieces import scene_with_pieces
from .flow_scenes import Scene, smooth_scene
from .flow_textures import Image

_SCENES: dict[str, Callable[[int, int, int], Scene]] = {
    "smooth": smooth_scene,
    "discontinuity": scene_with_pieces,
    "lighting": scene_in_other_light,
}
PAIR_KINDS = tuple(_SCENES)


@dataclass(frozen=True)
class KnownFlowPair:
    """Two 8-bit gray images with ``reference(x, y) = moving(x + u, y + v)`` up to noise.

    Attributes
    ----------
    reference, moving : ndarray of uint8, shape (H, W)
    flow : ndarray of float32, shape (H, W, 2)
        u and v in pixels, in the coordinates of the reference.
    name : str
        What is seen and how it moves.
    occluded : ndarray of bool, shape (H, W)
        Pixels of the reference that are hidden, or out of view, in `moving`. None in pairs
        without motion edges.
    edge : ndarray of bool, shape (H, W)
        Pixels within 4 pixels of a motion edge. None in pairs without motion edges.
    """

    reference: npt.NDArray[np.uint8]
    moving: npt.NDArray[np.uint8]
    flow: npt.NDArray[np.float32]
    name: str
    occluded: npt.NDArray[np.bool_]
    edge: npt.NDArray[np.bool_]


def known_flow_pair(
    size: int, noise: float, index: int, *, seed: int = 0, kind: str = "smooth"
) -> KnownFlowPair:
    """Make one pair: draw a scene at twice the resolution, average 2x2 samples, add noise.

    Parameters
    ----------
    size : int
        Side of the square images, in pixels.
    noise : float
        Standard deviation of the Gaussian noise added to both, in grey levels.
    index : int
        Number of the pair: textures and peaks take turns, so that any run of pairs is varied.
    seed : int, optional
        Together with the other arguments it fixes every pixel.
    kind : {"smooth", "discontinuity", "lighting"}, optional
        Smooth local motion of at most 0.3 to 3 pixels, one pair in four with a sway of the whole
        image; pieces that move by 0.5 to 3 pixels in front of a background that moves otherwise;
        or smooth motion with another light on `moving`.

    Returns
    -------
    KnownFlowPair

    Raises
    ------
    ValueError
        Where the kind is unknown.
    """
    if kind not in _SCENES:
        raise ValueError(f"`kind` must be one of {', '.join(PAIR_KINDS)}. Received: kind={kind!r}")
    scene = _scene(kind, size, index, seed)
    rng = np.random.default_rng([seed, size, index, round(1000 * noise)])
    return KnownFlowPair(
        reference=_expose(scene.reference, noise, rng),
        moving=_expose(scene.moving, noise, rng),
        flow=scene.flow.astype(np.float32),
        name=scene.name,
        occluded=scene.occluded.copy(),
        edge=scene.edge.copy(),
    )


@lru_cache(maxsize=4)
def _scene(kind: str, size: int, index: int, seed: int) -> Scene:
    """The scene; kept, as drawing takes longer than the noise levels that follow."""
    return _SCENES[kind](size, index, seed)


def _expose(image: Image, noise: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    noisy = image + noise * rng.standard_normal(image.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)
