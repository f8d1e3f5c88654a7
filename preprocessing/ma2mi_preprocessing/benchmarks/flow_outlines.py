"""Outlines of pieces that move in front of a background: ellipses, polygons, and wavy blobs."""

from collections.abc import Callable

import numpy as np

from .flow_textures import Image

Outline = Callable[[Image, Image], Image]
"""Distance of points (x, y) from an outline, to first order, negative inside; in its units."""

_MOST_WAVES = 5


def draw_outline(
    shape: str, centre: tuple[float, float], radius: float, rng: np.random.Generator
) -> Outline:
    """Choose an outline at random.

    Parameters
    ----------
    shape : {"ellipse", "polygon", "blob"}
    centre : tuple of float
        (x, y).
    radius : float
        Typical distance of the outline from its centre, in the unit of the coordinates.
    rng : numpy.random.Generator
    """
    form = {"ellipse": _ellipse, "polygon": _polygon, "blob": _blob}[shape](radius, rng)
    angle = rng.uniform(0, 2 * np.pi)
    cos, sin = np.cos(angle), np.sin(angle)

    def outline(x: Image, y: Image) -> Image:
        across, down = x - centre[0], y - centre[1]
        return form(cos * across + sin * down, cos * down - sin * across)

    return outline


def _ellipse(radius: float, rng: np.random.Generator) -> Outline:
    stretch = rng.uniform(1.0, 1.5)
    a, b = radius * stretch, radius / stretch

    def outline(x: Image, y: Image) -> Image:
        level = np.hypot(x / a, y / b)
        slope = np.hypot(x / a**2, y / b**2) / np.maximum(level, 1e-6)
        # At the centre the slope vanishes; any negative distance will do there.
        return (level - 1) / np.maximum(slope, 1 / a)

    return outline


def _polygon(radius: float, rng: np.random.Generator) -> Outline:
    """Convex, with sides at uneven angles and distances."""
    corners = int(rng.integers(3, 7))
    angles = (np.arange(corners) + rng.uniform(-0.25, 0.25, corners)) * 2 * np.pi / corners
    distances = radius * rng.uniform(0.7, 1.0, corners)

    def outline(x: Image, y: Image) -> Image:
        sides = [
            np.cos(angle) * x + np.sin(angle) * y - distance
            for angle, distance in zip(angles, distances, strict=True)
        ]
        return np.max(sides, axis=0)

    return outline


def _blob(radius: float, rng: np.random.Generator) -> Outline:
    waves = np.arange(2, _MOST_WAVES + 1)
    heights = rng.uniform(0.0, 0.35, waves.size) / waves
    phases = rng.uniform(0, 2 * np.pi, waves.size)

    def outline(x: Image, y: Image) -> Image:
        angle = np.arctan2(y, x)[..., None] * waves + phases
        far = radius * (1 + (heights * np.cos(angle)).sum(axis=-1))
        slope = -radius * (heights * waves * np.sin(angle)).sum(axis=-1) / far
        return (np.hypot(x, y) - far) / np.sqrt(1 + slope**2)

    return outline
