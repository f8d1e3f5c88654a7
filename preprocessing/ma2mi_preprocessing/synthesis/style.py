"""In what style faces are rendered: how rich their looks and how lively they are."""

from dataclasses import dataclass, field


Range = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """How a picture looks: skin, accessories, light, camera.

    Attributes
    ----------
    detailed : bool
        Whether people have more than a shape and colours. Without it nothing below counts.
    pores : tuple of float
        Strength of the finest texture of the skin, from and to.
    glasses, facial_hair, makeup : float
        Share of people with glasses; with a beard, moustache or stubble among those whom they grow
        on; with make-up among the others.
    exposure : tuple of float
        Brightness, 1 being right.
    hardness : tuple of float
        0 light without shadows, 1 a lamp that casts dark ones.
    noise : tuple of float
        Sensor noise, 1 being that of a good camera in good light.
    grain : tuple of float
        Deviation of the blur of the noise by the camera's own processing, in pixels.
    blur : tuple of float
        Deviation of the blur by the lens, in pixels, added to that of a sharp one.
    compressed : float
        Share of clips whose frames were compressed with loss.
    quality : tuple of float
        JPEG quality of those.
    """

    detailed: bool = False
    pores: Range = (0.5, 1.2)
    glasses: float = 0.25
    facial_hair: float = 0.6
    makeup: float = 0.5
    exposure: Range = (0.85, 1.1)
    hardness: Range = (0.0, 0.8)
    noise: Range = (0.7, 1.8)
    grain: Range = (0.0, 0.5)
    blur: Range = (0.0, 0.6)
    compressed: float = 0.75
    quality: Range = (55.0, 95.0)


@dataclass(frozen=True)
class Acting:
    """What happens in a clip beside its expression."""


@dataclass(frozen=True)
class Style:
    """A rendering style.

    Attributes
    ----------
    look : Look
    acting : Acting
    """

    look: Look = field(default_factory=Look)
    acting: Acting = field(default_factory=Acting)


PLAIN = Style()
NATURAL = Style(look=Look(detailed=True))
# Further styles are there to see what holds when the world of the pictures changes.
DIM = Style(
    look=Look(
        detailed=True,
        exposure=(0.28, 0.5),
        hardness=(0.1, 0.6),
        noise=(2.2, 4.0),
        grain=(0.4, 0.9),
        blur=(0.3, 0.9),
        compressed=1.0,
        quality=(22.0, 45.0),
    )
)
SMOOTH = Style(
    look=Look(
        detailed=True,
        pores=(0.0, 0.12),
        makeup=1.0,
        hardness=(0.75, 1.0),
        noise=(0.3, 0.7),
        grain=(0.0, 0.2),
        blur=(0.0, 0.3),
        compressed=0.3,
        quality=(85.0, 97.0),
    )
)
STYLES: dict[str, Style] = {"plain": PLAIN, "natural": NATURAL, "dim": DIM, "smooth": SMOOTH}


def style_named(name: str) -> Style:
    """The style of that name; raises ``ValueError`` where there is none."""
    if name not in STYLES:
        raise ValueError(f"`style` must be one of {', '.join(STYLES)}. Received: style={name}")
    return STYLES[name]
