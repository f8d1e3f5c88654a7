"""In what style faces are rendered: how rich their looks and how lively they are."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Look:
    """How a picture looks: skin, accessories, light, camera."""


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
STYLES: dict[str, Style] = {"plain": PLAIN, "natural": Style()}


def style_named(name: str) -> Style:
    """The style of that name; raises ``ValueError`` where there is none."""
    if name not in STYLES:
        raise ValueError(f"`style` must be one of {', '.join(STYLES)}. Received: style={name}")
    return STYLES[name]
