"""Inventing people that differ as people do: the identities of the detailed styles."""

import numpy as np

from .appearance import Appearance, FacialHair, Glasses, HairCut, Makeup, Skin
from .asymmetry import sample_bends
from .geometry import Colour
from .identity import HAIR_COLOURS, IRIS_COLOURS, SKIN_TONES, Identity, mixed
from .style import Look

_DARK_SKIN = 0.62
# Builds beyond this wear no scarf, the last of the long cuts.
_NO_SCARF = 0.5
_GREY: Colour = (0.62, 0.61, 0.60)
_FRAMES: tuple[Colour, ...] = (
    (0.05, 0.05, 0.06),
    (0.24, 0.14, 0.08),
    (0.45, 0.40, 0.32),
    (0.55, 0.56, 0.58),
    (0.40, 0.08, 0.10),
    (0.10, 0.16, 0.36),
)
# Round, oval, rectangular, narrow, large.
_LENSES: tuple[tuple[float, float, float], ...] = (
    (0.32, 0.30, 2.0),
    (0.36, 0.25, 2.3),
    (0.37, 0.24, 5.0),
    (0.36, 0.18, 3.5),
    (0.42, 0.34, 3.0),
)
_LIP_COLOURS: tuple[Colour, ...] = (
    (0.62, 0.10, 0.14),
    (0.72, 0.30, 0.34),
    (0.50, 0.14, 0.24),
    (0.70, 0.40, 0.32),
)
_LID_COLOURS: tuple[Colour, ...] = (
    (0.30, 0.20, 0.18),
    (0.32, 0.30, 0.40),
    (0.45, 0.28, 0.34),
    (0.25, 0.34, 0.32),
)


def sample_person(rng: np.random.Generator, look: Look) -> Identity:
    """Draw a person with all details; shapes spread about twice as widely as in the plain style.

    Every draw takes place whatever `look` says, so that the same person, but for what `look`
    names, is drawn in all detailed styles.
    """
    # From features that are more frequent in women to those more frequent in men.
    build = float(rng.uniform())
    age = float(rng.beta(1.1, 1.7))
    skin = _skin_colour(rng)
    hair = _hair_colour(rng, skin, age)
    shape = _sample_shape(rng, build, age)
    appearance = Appearance(
        skin=_sample_skin(rng, look, age, skin),
        hair_cut=_sample_hair_cut(rng, build, age, skin),
        facial_hair=_sample_facial_hair(rng, look, build),
        makeup=_sample_makeup(rng, look, build),
        glasses=_sample_glasses(rng, look),
    )
    return Identity(
        **shape,
        skin=skin,
        hair=hair,
        iris=mixed(rng, IRIS_COLOURS) if sum(skin) > 3 * _DARK_SKIN else IRIS_COLOURS[0],
        lip_redness=rng.uniform(0.25, 0.95),
        blemishes=rng.uniform(0.2, 1.0),
        hair_style="detailed",
        texture_seed=int(rng.integers(2**31)),
        bends=sample_bends(rng),
        appearance=appearance,
    )


def _sample_shape(rng: np.random.Generator, build: float, age: float) -> dict[str, float]:
    nose_tip_y = rng.uniform(0.54, 0.72)
    mouth_y = nose_tip_y + rng.uniform(0.34, 0.49)
    brow_y = rng.uniform(-0.42, -0.31) + 0.03 * build
    return {
        "cheek_half_width": rng.uniform(0.98, 1.20),
        "jaw_taper": rng.uniform(0.16, 0.36) - 0.14 * build,
        "chin_y": mouth_y + rng.uniform(0.52, 0.72) + 0.10 * build,
        "crown_y": rng.uniform(-1.66, -1.42),
        "hairline_y": rng.uniform(-1.12, -0.88),
        "eye_half_width": rng.uniform(0.205, 0.275),
        "eye_opening": rng.uniform(0.145, 0.215) - 0.03 * age,
        "eye_tilt": rng.uniform(-0.025, 0.055) - 0.015 * age,
        "brow_y": brow_y,
        "brow_thickness": rng.uniform(0.028, 0.075) + 0.035 * build,
        "brow_arch": rng.uniform(0.0, 0.10),
        "nose_tip_y": nose_tip_y,
        "nose_half_width": rng.uniform(0.215, 0.335),
        "mouth_y": mouth_y,
        "mouth_half_width": rng.uniform(0.33, 0.49),
        "upper_lip": rng.uniform(0.05, 0.125) - 0.015 * age,
        "lower_lip": rng.uniform(0.08, 0.16) - 0.015 * age,
        "head_power": rng.uniform(2.05, 2.75),
        "jaw_power": rng.uniform(1.5, 3.2),
        "brow_start": rng.uniform(0.13, 0.24),
        "brow_length": rng.uniform(0.58, 0.76),
        "brow_slope": rng.uniform(-0.05, 0.06),
        "brow_taper": rng.uniform(0.35, 0.85),
        "lid_crease": rng.uniform(0.025, 0.085),
        "nose_height": rng.uniform(0.7, 1.35),
        "nose_bridge": rng.uniform(0.06, 0.12),
        "cheek_height": rng.uniform(0.3, 1.8),
        "brow_height": rng.uniform(0.2, 1.0) + 1.2 * build,
        "chin_height": rng.uniform(0.4, 1.8),
    }


def _skin_colour(rng: np.random.Generator) -> Colour:
    red, green, blue = mixed(rng, SKIN_TONES)
    warmth = rng.uniform(0.0, 0.07)
    return 0.96 * red, (0.95 - 0.5 * warmth) * green, (0.95 - warmth) * blue


def _hair_colour(rng: np.random.Generator, skin: Colour, age: float) -> Colour:
    position = float(rng.uniform()) ** (1.0 if sum(skin) > 3 * _DARK_SKIN else 4.0)
    red, green, blue = HAIR_COLOURS[int(position * (len(HAIR_COLOURS) - 1))]
    grey = float(np.clip(rng.normal(1.6 * age - 0.9, 0.25), 0.0, 0.95))
    return (
        red + grey * (_GREY[0] - red),
        green + grey * (_GREY[1] - green),
        blue + grey * (_GREY[2] - blue),
    )


def _sample_skin(rng: np.random.Generator, look: Look, age: float, skin: Colour) -> Skin:
    moles = [
        (rng.uniform(-0.85, 0.85), rng.uniform(-0.7, 1.5), rng.uniform(0.007, 0.020))
        for _ in range(5)
    ]
    # What evens out pores evens out the rest of the skin.
    bare = min(1.0, 0.2 + look.pores[1])
    freckled = rng.uniform() < 0.35
    freckles = rng.uniform(0.3, 1.0)
    return Skin(
        age=age,
        pores=rng.uniform(*look.pores),
        freckles=bare * freckles if freckled and sum(skin) > 3 * _DARK_SKIN else 0.0,
        unevenness=bare * rng.uniform(0.4, 1.2),
        dark_circles=bare * (rng.uniform(0.0, 0.7) + 0.2 * age),
        sheen=rng.uniform(0.5, 1.7),
        moles=tuple(moles[: rng.integers(0, len(moles))]),
    )


def _sample_hair_cut(rng: np.random.Generator, build: float, age: float, skin: Colour) -> HairCut:
    curl = float(rng.beta(1.0, 2.5)) if sum(skin) > 3 * _DARK_SKIN else float(rng.uniform(0.4, 1.0))
    parting = float(rng.choice([-1.0, 0.0, 1.0]))
    fringe, volume = rng.uniform(0.12, 0.34), rng.uniform(0.07, 0.17)
    dye = rng.uniform(0.1, 0.75, 3)
    dye = 0.5 * dye + 0.5 * dye.mean()
    cloth = (float(dye[0]), float(dye[1]), float(dye[2]))
    length = rng.uniform(1.0, 2.6)
    receding = rng.uniform(0.15, 0.5)
    short = (
        HairCut(volume, parting=parting, temples=0.1, curl=curl),
        HairCut(volume, fringe=0.6 * fringe, parting=parting, curl=curl),
        HairCut(0.05, temples=0.05, curl=curl, density=0.75),
        HairCut(0.012, density=0.4),
        HairCut(0.05, fringe=-receding, temples=receding, curl=curl, density=0.85),
        HairCut(0.006, fringe=-0.9, density=0.15),
        HairCut(0.20 + volume, curl=1.0),
    )
    long = (
        HairCut(volume, fringe, sides_to=length, behind_to=length, curl=curl),
        HairCut(volume, 0.05, 0.05, parting or 1.0, length, length, curl),
        HairCut(0.22 + volume, 0.08, sides_to=0.9, behind_to=1.1, curl=max(curl, 0.7)),
        HairCut(0.04, parting=parting, sides_to=-0.2, curl=curl, tied=True),
        HairCut(volume, 0.6 * fringe, sides_to=0.9, behind_to=1.25, curl=curl),
        HairCut(0.14, scarf=cloth, sides_to=3.0, behind_to=3.0),
    )
    bald = rng.uniform() < 0.55 * age
    pick_short, pick_long = int(rng.integers(len(short))), int(rng.integers(len(long)))
    if build > _NO_SCARF:
        pick_long %= len(long) - 1
    # Few young men are bald, and few people with a feminine build wear their hair short.
    if rng.uniform() < 0.12 + 0.85 * float(np.clip(1.8 * build - 0.4, 0.0, 1.0)):
        balding = pick_short in (4, 5)
        return short[pick_short - 4 if balding and not bald else pick_short]
    return long[pick_long]


def _sample_facial_hair(rng: np.random.Generator, look: Look, build: float) -> FacialHair | None:
    lip, chin, jaw = rng.uniform(0.5, 1.0, 3)
    length = float(rng.uniform(0.35, 1.0))
    kinds = (
        FacialHair(0.45 * lip, 0.45 * lip, 0.4 * lip, 0.0),
        FacialHair(0.6 * lip, 0.7 * chin, 0.6 * chin, 0.12),
        FacialHair(lip, 0.0, 0.0, 0.5 * length),
        FacialHair(lip, chin, 0.0, 0.6 * length),
        FacialHair(lip, chin, jaw, length),
        FacialHair(lip, chin, jaw, 0.5 * length),
    )
    kind = kinds[rng.integers(len(kinds))]
    return kind if rng.uniform() < look.facial_hair and build > 0.5 else None


def _sample_makeup(rng: np.random.Generator, look: Look, build: float) -> Makeup | None:
    makeup = Makeup(
        lips=_LIP_COLOURS[rng.integers(len(_LIP_COLOURS))],
        lips_strength=rng.uniform(0.2, 0.8),
        lids=_LID_COLOURS[rng.integers(len(_LID_COLOURS))],
        lids_strength=rng.uniform(0.0, 0.6),
        liner=rng.uniform(0.0, 1.0),
        blush=rng.uniform(0.0, 0.8),
    )
    return makeup if rng.uniform() < look.makeup and build < 0.5 else None


def _sample_glasses(rng: np.random.Generator, look: Look) -> Glasses | None:
    half_width, half_height, roundness = _LENSES[rng.integers(len(_LENSES))]
    glasses = Glasses(
        half_width=half_width * rng.uniform(0.94, 1.05),
        half_height=half_height * rng.uniform(0.92, 1.08),
        roundness=roundness,
        thickness=rng.uniform(0.016, 0.05),
        lower_rim=float(rng.choice([1.0, 1.0, 0.0])),
        colour=_FRAMES[rng.integers(len(_FRAMES))],
        tint=rng.uniform(0.0, 0.14),
        reflection=rng.uniform(0.03, 0.22),
    )
    return glasses if rng.uniform() < look.glasses else None
