"""What the channels of a published motion file hold, and how its numbers were scaled."""

from typing import Literal

MotionScaling = Literal["pixels", "minmax"]

SCALINGS: tuple[MotionScaling, ...] = ("pixels", "minmax")
"""Displacements in pixels; or each image and channel stretched to 0..1, its size lost."""

IMAGE_CHANNELS = "strain-v-u"
"""Red, green, blue of an image to which OpenCV was given u, v, strain: it takes blue first."""

FLOW = ("u", "v", "strain")
"""Channels of kind "flow", in the order that models take."""

KIND_OF: dict[tuple[str, ...], Literal["difference", "both"]] = {
    ("difference",): "difference",
    ("difference", *FLOW): "both",
}
"""Channels of the other kinds of motion."""

_WIDTHS = {"difference": 3}
_NAMED_BY_COUNT = {2: "u-v", 3: "u-v-strain", 6: "difference-u-v-strain"}


def check_channels(text: str) -> tuple[str, ...]:
    """Names of channels from text such as ``strain-v-u``.

    Parameters
    ----------
    text : str
        Any order of u, v and strain; any order of u and v alone; ``difference`` (three channels);
        or ``difference-u-v-strain``. Joined by hyphens.

    Raises
    ------
    ValueError
        Another text.
    """
    names = tuple(part.strip().lower() for part in text.split("-"))
    if names in KIND_OF or sorted(names) in (sorted(FLOW), ["u", "v"]):
        return names
    raise ValueError(
        f"must name the channels in their order, such as u-v-strain or strain-v-u, not '{text}'"
    )


def named_by_count(channels: int) -> str:
    """What arrays of so many channels hold where nobody says it; empty where that is open."""
    return _NAMED_BY_COUNT.get(channels, "")


def channel_count(names: tuple[str, ...]) -> int:
    """Number of channels that the names stand for."""
    return sum(_WIDTHS.get(name, 1) for name in names)
