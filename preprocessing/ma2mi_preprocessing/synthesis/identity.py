"""Who is rendered: the shape, colours and skin of one invented person."""

from dataclasses import dataclass

import numpy as np

from .appearance import Appearance
from .asymmetry import Bend, bent_points, symmetrical
from .geometry import Colour, FacePose, FloatArray, Point, mirrored

# Display RGB, from light to dark; a person's tone is mixed from two neighbours.
SKIN_TONES: tuple[Colour, ...] = (
    (0.96, 0.83, 0.74),
    (0.92, 0.76, 0.64),
    (0.85, 0.67, 0.53),
    (0.75, 0.56, 0.42),
    (0.62, 0.44, 0.32),
    (0.50, 0.35, 0.26),
)
HAIR_COLOURS: tuple[Colour, ...] = (
    (0.08, 0.07, 0.07),
    (0.16, 0.11, 0.08),
    (0.27, 0.18, 0.11),
    (0.42, 0.29, 0.17),
    (0.45, 0.22, 0.12),
    (0.45, 0.44, 0.43),
)
IRIS_COLOURS: tuple[Colour, ...] = (
    (0.23, 0.14, 0.08),
    (0.32, 0.20, 0.11),
    (0.30, 0.34, 0.20),
    (0.28, 0.40, 0.50),
)
HAIR_STYLES = ("short", "fringe", "long", "shaved")


@dataclass(frozen=True)
class Identity:
    """Parameters of one person; lengths in face coordinates (eye distance = 1).

    `texture_seed` fixes the skin, brow and hair texture, so that one person keeps it in all clips.
    What has a default is the same in all people of the plain style: `head_power` and `jaw_power`
    are exponents of the outline (more is squarer), `brow_start` and `brow_length` lie along x, the
    `_height` fields scale parts of the relief, and `bends` make left and right differ.
    """

    cheek_half_width: float
    jaw_taper: float
    chin_y: float
    crown_y: float
    hairline_y: float
    eye_half_width: float
    eye_opening: float
    eye_tilt: float
    brow_y: float
    brow_thickness: float
    brow_arch: float
    nose_tip_y: float
    nose_half_width: float
    mouth_y: float
    mouth_half_width: float
    upper_lip: float
    lower_lip: float
    skin: Colour
    hair: Colour
    iris: Colour
    lip_redness: float
    blemishes: float
    hair_style: str
    texture_seed: int
    head_power: float = 2.3
    jaw_power: float = 2.0
    brow_start: float = 0.18
    brow_length: float = 0.70
    brow_slope: float = 0.0
    brow_taper: float = 0.0
    lid_crease: float = 0.065
    nose_height: float = 1.0
    nose_bridge: float = 0.085
    cheek_height: float = 1.0
    brow_height: float = 1.0
    chin_height: float = 1.0
    bends: tuple[Bend, ...] = ()
    appearance: Appearance | None = None

    def grid(self, pose: FacePose, oversampling: int = 1) -> tuple[FloatArray, FloatArray]:
        """`FacePose.grid` on the symmetrical face, that all features are placed on."""
        return symmetrical(self.bends, *pose.grid(oversampling))

    def seen_landmarks(self, pose: FacePose) -> FloatArray:
        """`landmarks` of the bent face in pixels, (L, 2) float32."""
        return pose.to_pixels(bent_points(self.bends, np.array(list(self.landmarks().values()))))

    def landmarks(self) -> dict[str, Point]:
        """Named points of the neutral face, in face coordinates, before it is bent.

        `left` and `right` are as seen in the picture, so a `_right` point is on the person's left.
        """
        return {
            **mirrored("eye", (0.5, 0.0)),
            **mirrored("eye_inner", (0.5 - self.eye_half_width, 0.02)),
            **mirrored("eye_outer", (0.5 + self.eye_half_width, 0.02 - self.eye_tilt)),
            **mirrored("upper_lid", (0.5, -0.6 * self.eye_opening)),
            **mirrored("lower_lid", (0.5, 0.4 * self.eye_opening)),
            **mirrored("brow_inner", (0.22, self.brow_y + 0.03)),
            **mirrored("brow_middle", (0.52, self.brow_y - self.brow_arch)),
            **mirrored("brow_outer", (0.84, self.brow_y + 0.04)),
            **mirrored("nose_wing", (self.nose_half_width, self.nose_tip_y + 0.02)),
            **mirrored("cheek", (0.58, 0.48)),
            **mirrored("mouth_corner", (self.mouth_half_width, self.mouth_y)),
            "nose_root": (0.0, -0.02),
            "nose_tip": (0.0, self.nose_tip_y),
            "upper_lip": (0.0, self.mouth_y - self.upper_lip),
            "mouth": (0.0, self.mouth_y),
            "lower_lip": (0.0, self.mouth_y + self.lower_lip),
            "chin": (0.0, self.chin_y - 0.12),
        }


def mixed(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    """Draw a colour between two neighbours."""
    position = rng.uniform(0, len(colours) - 1)
    first = int(position)
    share = position - first
    low, high = colours[first], colours[min(first + 1, len(colours) - 1)]
    red, green, blue = ((1 - share) * a + share * b for a, b in zip(low, high, strict=True))
    return red, green, blue


def sample_identity(rng: np.random.Generator) -> Identity:
    """Draw a person.

    Proportions spread around adult means of about 63 mm between the pupils, 137 mm across the
    cheekbones, 68 mm from eyes to mouth and 50 mm across the mouth.
    """
    brow_y = rng.uniform(-0.40, -0.33)
    nose_tip_y = rng.uniform(0.58, 0.68)
    mouth_y = nose_tip_y + rng.uniform(0.40, 0.47)
    return Identity(
        cheek_half_width=rng.uniform(1.03, 1.16),
        jaw_taper=rng.uniform(0.10, 0.28),
        chin_y=mouth_y + rng.uniform(0.60, 0.74),
        crown_y=rng.uniform(-1.62, -1.45),
        hairline_y=rng.uniform(-1.10, -0.92),
        eye_half_width=rng.uniform(0.225, 0.265),
        eye_opening=rng.uniform(0.15, 0.20),
        eye_tilt=rng.uniform(-0.01, 0.035),
        brow_y=brow_y,
        brow_thickness=rng.uniform(0.055, 0.095),
        brow_arch=rng.uniform(0.02, 0.07),
        nose_tip_y=nose_tip_y,
        nose_half_width=rng.uniform(0.24, 0.31),
        mouth_y=mouth_y,
        mouth_half_width=rng.uniform(0.37, 0.46),
        upper_lip=rng.uniform(0.07, 0.11),
        lower_lip=rng.uniform(0.09, 0.14),
        skin=mixed(rng, SKIN_TONES),
        hair=HAIR_COLOURS[rng.integers(len(HAIR_COLOURS))],
        iris=IRIS_COLOURS[rng.integers(len(IRIS_COLOURS))],
        lip_redness=rng.uniform(0.4, 1.0),
        blemishes=rng.uniform(0.2, 1.0),
        hair_style=HAIR_STYLES[rng.integers(len(HAIR_STYLES))],
        texture_seed=int(rng.integers(2**31)),
    )
