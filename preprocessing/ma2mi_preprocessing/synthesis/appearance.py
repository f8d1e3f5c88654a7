"""What a person has beside the shape of the face: skin, hair, beard, make-up, glasses."""

from dataclasses import dataclass

from .geometry import Colour


@dataclass(frozen=True)
class Skin:
    """How the skin looks from near; strengths are around 0 to 1.

    Attributes
    ----------
    age : float
        0 without lines, 1 with deep ones.
    pores, freckles, unevenness, dark_circles : float
    sheen : float
        Around 1; how much an oily skin shines.
    moles : tuple of (float, float, float)
        x, y and radius, in face coordinates.
    """

    age: float
    pores: float
    freckles: float
    unevenness: float
    dark_circles: float
    sheen: float
    moles: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class HairCut:
    """How the hair lies; lengths in face coordinates.

    Attributes
    ----------
    volume : float
        How far it stands off the skull.
    fringe : float
        How far it falls into the forehead; negative where it recedes.
    temples : float
        How far it recedes at the temples.
    parting : float
        -1 from the left, 0 none, 1 from the right.
    sides_to, behind_to : float
        y to which it reaches beside the face and behind it.
    curl : float
        0 straight, 1 curly.
    density : float
        Opacity; low where the hair is shaved.
    tied : bool
        Whether there is a knot on top.
    scarf : tuple of float or None
        Colour of the scarf that covers it.
    """

    volume: float
    fringe: float = 0.0
    temples: float = 0.0
    parting: float = 0.0
    sides_to: float = 0.05
    behind_to: float = -9.0
    curl: float = 0.1
    density: float = 1.0
    tied: bool = False
    scarf: Colour | None = None


@dataclass(frozen=True)
class FacialHair:
    """Density 0 to 1 of what grows on lip, chin and jaw; `length` 0 is stubble, 1 a full beard."""

    lip: float
    chin: float
    jaw: float
    length: float


@dataclass(frozen=True)
class Makeup:
    """Colours on the skin, and how strong they are, 0 to 1."""

    lips: Colour
    lips_strength: float
    lids: Colour
    lids_strength: float
    liner: float
    blush: float


@dataclass(frozen=True)
class Glasses:
    """Glasses; lengths in face coordinates.

    Attributes
    ----------
    half_width, half_height : float
        Of a lens.
    roundness : float
        Exponent of the lens' outline: 2 is an ellipse, 6 nearly a rectangle.
    thickness : float
        Of the frame.
    lower_rim : float
        Thickness of the frame under the lenses relative to that above; 0 is a half rim.
    colour : tuple of float
    tint : float
        How much darker it is behind the lenses.
    reflection : float
        Strength of what is mirrored in the lenses.
    """

    half_width: float
    half_height: float
    roundness: float
    thickness: float
    lower_rim: float
    colour: Colour
    tint: float
    reflection: float


@dataclass(frozen=True)
class Appearance:
    """All of it; None is a person without."""

    skin: Skin
    hair_cut: HairCut
    facial_hair: FacialHair | None
    makeup: Makeup | None
    glasses: Glasses | None
