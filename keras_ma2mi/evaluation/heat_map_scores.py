"""How well heat maps show where something truly moves."""

import numpy as np
import numpy.typing as npt

Maps = npt.NDArray[np.float64]
Regions = npt.NDArray[np.bool_]


def moving_regions(flow: npt.ArrayLike, share: float = 0.5) -> Regions:
    """The places that truly move: those whose displacement is above a share of the largest.

    Args:
        flow: True displacement of each place, of shape `(clips, height, width, 2)`.
        share: Part of the largest displacement of the clip from which on a place counts, between
            0 and 1. Defaults to `0.5`.

    Returns:
        Bool array of shape `(clips, height, width)`; empty where nothing moves.

    Raises:
        ValueError: If `flow` has another shape, or `share` is out of its range.

    Example:

    ```python
    regions = keras_ma2mi.evaluation.moving_regions(flow)
    keras_ma2mi.evaluation.pointing_hits(maps, regions).mean()
    ```
    """
    values = np.asarray(flow, np.float64)
    if values.ndim != 4 or values.shape[-1] != 2:
        raise ValueError(
            "`flow` must have shape (clips, height, width, 2). Received: flow of shape "
            f"{values.shape}"
        )
    if not 0 < share < 1:
        raise ValueError(f"`share` must be between 0 and 1. Received: share={share}")
    length = np.hypot(values[..., 0], values[..., 1])
    return length > share * length.max(axis=(1, 2), keepdims=True)


def pointing_hits(maps: npt.ArrayLike, regions: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Whether the highest place of each map lies in its region: the pointing game.

    Where several places are highest it is the share of them that lies in the region, the chance
    that one drawn of them does. A map without any differences so has the chance of guessing: the
    area of the region.

    Args:
        maps: Heat maps of shape `(clips, height, width)`; the higher, the hotter.
        regions: Bool array of the same shape.

    Returns:
        Float64 array of shape `(clips,)`, 0 to 1.

    Raises:
        ValueError: If shapes differ, a map has a value that is not finite, or a region is empty:
            a map cannot point at what is not there.

    Reference:
        - Zhang et al., "Top-Down Neural Attention by Excitation Backprop", IJCV 2018 (the pointing
          game; theirs allows for 15 pixels beside the region, this for none).
    """
    heat, inside = _checked(maps, regions)
    highest = heat == heat.max(axis=1, keepdims=True)
    return np.asarray((highest & inside).sum(axis=1) / highest.sum(axis=1), np.float64)


def region_overlap(maps: npt.ArrayLike, regions: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Intersection over union of each region and the hottest places, as many as it has.

    With the area given, the figure is about where a map is hot, whatever its scale and contrast.
    Of places that are equally hot, of which some only are needed, each counts in part.

    Args:
        maps: Heat maps of shape `(clips, height, width)`; the higher, the hotter.
        regions: Bool array of the same shape.

    Returns:
        Float64 array of shape `(clips,)`, 0 to 1. A map without any differences has the area share
        `a` of the region as `a / (2 - a)`.

    Raises:
        ValueError: As `pointing_hits`.
    """
    heat, inside = _checked(maps, regions)
    size = inside.sum(axis=1)
    # The lowest of the places that are taken.
    descending = -np.sort(-heat, axis=1)
    threshold = np.take_along_axis(descending, size[:, None] - 1, axis=1)
    above, at = heat > threshold, heat == threshold
    needed = size - above.sum(axis=1)
    shared = (above & inside).sum(axis=1) + (at & inside).sum(axis=1) * needed / at.sum(axis=1)
    return np.asarray(shared / (2 * size - shared), np.float64)


def mass_inside(maps: npt.ArrayLike, regions: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Share of each map's heat that lies in its region; only what is above 0 is heat.

    Args:
        maps: Heat maps of shape `(clips, height, width)`.
        regions: Bool array of the same shape.

    Returns:
        Float64 array of shape `(clips,)`, 0 to 1; the area of the region where a map has no heat.

    Raises:
        ValueError: As `pointing_hits`.
    """
    heat, inside = _checked(maps, regions)
    heat = np.maximum(heat, 0.0)
    heat[~heat.any(axis=1)] = 1.0
    return np.asarray((heat * inside).sum(axis=1) / heat.sum(axis=1), np.float64)


def _checked(maps: npt.ArrayLike, regions: npt.ArrayLike) -> tuple[Maps, Regions]:
    """Both with one row of places for each clip."""
    heat, inside = np.asarray(maps, np.float64), np.asarray(regions, np.bool_)
    if heat.ndim != 3 or heat.shape != inside.shape:
        raise ValueError(
            "`maps` and `regions` must have one shape (clips, height, width). Received: maps of "
            f"shape {heat.shape}, regions of shape {inside.shape}"
        )
    rows = (len(heat), int(np.prod(heat.shape[1:])))
    heat, inside = heat.reshape(rows), inside.reshape(rows)
    if not np.isfinite(heat).all():
        raise ValueError("`maps` must be finite. Received: a map with NaN or infinity")
    if not inside.any(axis=1).all():
        raise ValueError(
            f"`regions` must have a place each. Received: {(~inside.any(axis=1)).sum()} empty"
        )
    return heat, inside
