"""Scenes with motion edges: pieces that move in front of a background that moves otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .flow_outlines import Outline, draw_outline
from .flow_scenes import FINENESS, MARGIN, Mask, Scene, halve, inner, pull
from .flow_textures import TEXTURES, Image, texture

PIECE_SHIFTS = (0.5, 1.0, 2.0, 3.0)
"""How far the first piece of a pair moves, in pixels."""

EDGE_WIDTH = 4
"""Pixels at most this far from a motion edge belong to it."""

MOST_PIECES = 3
BACKGROUNDS = ("still", "slow", "opposite")
_SHAPES = ("blob", "ellipse", "polygon")
_STREAM = 1
_LARGEST_TURN = 0.15
"""How far a piece's rim moves by its own rotation, in pixels."""


@dataclass(frozen=True)
class _Layer:
    """A picture cut out along an outline, as it lies in `moving`, and where it comes from.

    Lengths are in pixels, coordinates are those of the image. A point that shows at x in the
    reference shows at x + displacement in `moving`.
    """

    picture: Image
    outline: Outline | None
    shift: tuple[float, float]
    centre: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0

    def displacement(self, x: Image, y: Image) -> Image:
        u = self.shift[0] - self.turn * (y - self.centre[1])
        v = self.shift[1] + self.turn * (x - self.centre[0])
        return np.stack((u, v), axis=-1)

    def coverage(self, x: Image, y: Image) -> Image:
        """Share of the sample at (x, y) of `moving` that the layer covers, 0..1."""
        if self.outline is None:
            return np.ones_like(x)
        return np.clip(0.5 - FINENESS * self.outline(x, y), 0, 1)


def scene_with_pieces(size: int, index: int, seed: int) -> Scene:
    """One to three pieces over a background, with what they hide and uncover."""
    rng = np.random.default_rng([seed, size, index, _STREAM])
    layers, name = _draw_layers(size, index, rng)
    y, x = (np.mgrid[: FINENESS * size, : FINENESS * size] + 0.5) / FINENESS - 0.5
    displacements = [layer.displacement(x, y) for layer in layers]
    origins = [(x + d[..., 0], y + d[..., 1]) for d in displacements]
    before = _visible([layer.coverage(*o) for layer, o in zip(layers, origins, strict=True)])
    after = _visible([layer.coverage(x, y) for layer in layers])
    pulled = [
        pull(layer.picture, FINENESS * d) for layer, d in zip(layers, displacements, strict=True)
    ]
    reference = sum(share * picture for share, picture in zip(before, pulled, strict=True))
    moving = sum(share * inner(layer.picture) for share, layer in zip(after, layers, strict=True))
    front = halve(np.stack(before, axis=-1)).argmax(axis=-1)
    hidden = [_hidden(layers, number, *origins[number]) for number in range(len(layers))]
    return Scene(
        reference=halve(np.asarray(reference)),
        moving=halve(np.asarray(moving)),
        flow=_pick(front, [halve(d) for d in displacements]),
        occluded=_pick(front, [halve(h) for h in hidden]) > 0.5,
        edge=_near_another(front),
        name=name,
    )


def _draw_layers(size: int, index: int, rng: np.random.Generator) -> tuple[list[_Layer], str]:
    """From back to front, and a name of the whole."""
    side = FINENESS * (size + 2 * MARGIN)
    # 36 pairs in a row show all numbers of pieces, backgrounds and shifts together once; the
    # textures run ahead of them, so that each is seen with several of these.
    shift = far = PIECE_SHIFTS[index % len(PIECE_SHIFTS)]
    behind = BACKGROUNDS[index % len(BACKGROUNDS)]
    pieces = 1 + index // len(BACKGROUNDS) % MOST_PIECES
    names = [TEXTURES[(index + 2 * (index // len(TEXTURES))) % len(TEXTURES)]]
    names += [str(name) for name in rng.permutation([n for n in TEXTURES if n != names[0]])]
    direction = rng.uniform(0, 2 * np.pi)
    reach = {"still": 0.0, "slow": 0.15 * far, "opposite": -rng.uniform(0.3, 0.7) * far}[behind]
    # A slow background drifts its own way, which must not happen to be that of the piece.
    aside = rng.uniform(0.3, 0.7) * np.pi if behind == "slow" else 0.0
    layers = [_Layer(texture(names[0], side, rng), None, _polar(reach, direction + aside))]
    for number in range(pieces):
        if number > 0:
            # No piece moves as the others or the background do.
            direction += rng.uniform(0.5, 0.8) * np.pi
            far = rng.uniform(0.5, 3.0)
        radius = size * rng.uniform(0.14, 0.22) / pieces**0.4
        centre = (size * rng.uniform(0.25, 0.75), size * rng.uniform(0.25, 0.75))
        shape = _SHAPES[int(rng.integers(len(_SHAPES)))]
        layers.append(
            _Layer(
                picture=texture(names[1 + number], side, rng),
                outline=draw_outline(shape, centre, radius, rng),
                shift=_polar(far, direction),
                centre=centre,
                turn=rng.uniform(-1, 1) * _LARGEST_TURN / radius,
            )
        )
    return layers, f"{pieces} over {behind} {names[0]}, {shift} px"


def _polar(length: float, angle: float) -> tuple[float, float]:
    return float(length * np.cos(angle)), float(length * np.sin(angle))


def _visible(coverages: Sequence[Image]) -> list[Image]:
    """Share of each sample that each layer (back to front) shows; together 1."""
    shares: list[Image] = []
    left = np.ones_like(coverages[0])
    for coverage in reversed(coverages):
        shares.insert(0, left * coverage)
        left = left * (1 - coverage)
    return shares


def _hidden(layers: Sequence[_Layer], number: int, x: Image, y: Image) -> Image:
    """Where points (x, y) of a layer in `moving` lie behind a layer in front, or out of view."""
    seen = np.ones_like(x)
    for layer in layers[number + 1 :]:
        seen *= 1 - layer.coverage(x, y)
    last = x.shape[0] / FINENESS - 0.5
    inside = (x > -0.5) & (y > -0.5) & (x < last) & (y < last)
    return 1 - seen * inside


def _pick(front: np.ndarray[tuple[int, ...], np.dtype[np.intp]], options: list[Image]) -> Image:
    """Of several fields, the one whose number stands in `front`."""
    picked = np.zeros_like(options[0])
    for number, option in enumerate(options):
        picked[front == number] = option[front == number]
    return picked


def _near_another(front: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Mask:
    """Pixels within `EDGE_WIDTH` of one that another layer shows."""
    near = np.zeros(front.shape, np.bool_)
    for number in np.unique(front):
        own = (front == number).astype(np.uint8)
        if own.all():
            break
        # The edge runs half a pixel before the centre of the next pixel.
        far = cv2.distanceTransform(own, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) - 0.5
        near |= (own == 1) & (far <= EDGE_WIDTH)
    return near
