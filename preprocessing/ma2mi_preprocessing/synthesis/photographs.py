"""A real face to be moved: the photograph of one person, marked by hand, in variants.

The picture is that of the astronaut Eileen Collins (NASA, public domain), which scikit-image
carries as `skimage.data.astronaut`. All variants of it show one person: mirroring, tilting and
other light make no second one. She smiles and shows her teeth, so that her neutral face is none.
"""

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from .asymmetry import Bend
from .eyelids import face_coordinates
from .geometry import AnyFloatArray, FacePose, FloatArray, Point
from .identity import Identity
from .relief import Lighting, head_radius
from .sampling import sample_cubic
from .scene import Tone
from .texture import bump, coverage
from .wrinkles import Wrinkles

PERSON = "astronaut"
"""The only subject that photographs have, whatever the number of variants."""

# Measured on the picture, in its pixels (x, y): the pupils, and what the units are tied to.
_EYES = ((203.2, 100.8), (245.8, 102.9))
_MARKS: dict[str, Point] = {
    "eye_outer_left": (191.8, 100.9),
    "eye_inner_left": (213.3, 103.2),
    "eye_inner_right": (235.8, 104.4),
    "eye_outer_right": (258.5, 103.7),
    "brow_outer_left": (189.7, 90.3),
    "brow_middle_left": (202.5, 88.4),
    "brow_inner_left": (213.3, 92.3),
    "brow_inner_right": (238.3, 93.0),
    "brow_middle_right": (246.7, 92.0),
    "brow_outer_right": (262.0, 95.3),
    "nose_wing_left": (210.8, 127.4),
    "nose_wing_right": (234.9, 128.7),
    "nose_tip": (224.8, 127.8),
    "mouth_corner_left": (202.1, 139.1),
    "mouth_corner_right": (244.3, 140.4),
    "upper_lip": (222.7, 139.9),
    "mouth": (222.0, 149.2),
    "lower_lip": (222.5, 153.1),
    "chin": (222.8, 171.9),
}
# Where the lower lip begins below the teeth: there lips part.
_LIP_LINE: tuple[Point, ...] = (
    (205.8, 141.9),
    (209.9, 145.5),
    (214.9, 148.2),
    (228.3, 148.6),
    (232.4, 147.5),
    (237.0, 145.3),
    (241.2, 143.2),
)
_FACE = Identity(
    cheek_half_width=1.05,
    jaw_taper=0.22,
    chin_y=1.76,
    crown_y=-1.60,
    hairline_y=-0.50,
    eye_half_width=0.26,
    eye_opening=0.165,
    eye_tilt=0.03,
    brow_y=-0.25,
    brow_thickness=0.04,
    brow_arch=0.04,
    nose_tip_y=0.60,
    nose_half_width=0.28,
    mouth_y=1.03,
    mouth_half_width=0.49,
    upper_lip=0.22,
    lower_lip=0.09,
    skin=(0.88, 0.72, 0.62),
    hair=(0.45, 0.35, 0.20),
    iris=(0.25, 0.16, 0.10),
    lip_redness=0.6,
    blemishes=0.3,
    hair_style="fringe",
    texture_seed=0,
)
# The light of the studio comes from the upper left of the picture.
_LIGHT = (-0.37, -0.37, 0.85)
_BEND_SPREAD, _RIDGE = (0.20, 0.17), 0.02
_MOST_TILT, _SCALES, _MOST_LIGHT = np.deg2rad(6.0), (0.94, 1.06), 0.18
_SHARP_BLUR, _LEAST_BLUR = 0.42, 0.05
# In pixels of the photograph, and as a share of the depth in drawn faces.
_WRINKLE_BLUR, _WRINKLE_DEPTH = 0.7, 0.8


@dataclass(frozen=True)
class Photograph:
    """A variant of the photograph.

    Attributes
    ----------
    mirrored : bool
    tilt : float
        Clockwise, in radians.
    scale : float
        Of the face in the frame, around 1.
    light : tuple of float
        How much brighter the right and the lower edge of the face are than its middle, as shares.
    """

    mirrored: bool = False
    tilt: float = 0.0
    scale: float = 1.0
    light: tuple[float, float] = (0.0, 0.0)

    @property
    def identity(self) -> Identity:
        """The geometry of the face, for action units; her colours are those of the picture."""
        return _measured(self.mirrored)

    @property
    def lighting(self) -> Lighting:
        """How light falls on the face, for wrinkles."""
        right, down, near = _LIGHT
        return Lighting((-right if self.mirrored else right, down, near), 0.5, 0.5, gain=1.0)

    def posed(self, pose: FacePose) -> FacePose:
        """A drawn pose, tilted and scaled as the variant is."""
        return replace(
            pose, roll=pose.roll + self.tilt, inter_ocular=pose.inter_ocular * self.scale
        )

    def picture(self, pose: FacePose, tone: Tone, oversampling: int) -> FloatArray:
        """The photograph as another camera sees it.

        Parameters
        ----------
        pose : FacePose
            Where the face shall be; `size` is that of the frames.
        tone : Tone
        oversampling : int
            Samples per pixel of the frames.

        Returns
        -------
        ndarray, shape (size * oversampling, size * oversampling, 3), float32
            As of `drawing.draw_neutral`.
        """
        x, y = pose.grid(oversampling)
        source = _source_pose()
        across = -x if self.mirrored else x
        places = source.to_pixels(np.stack([across, y], axis=-1))
        shrunk = source.inter_ocular / (pose.inter_ocular * oversampling)
        taken = sample_cubic(_smoothed(shrunk), places[..., 0], places[..., 1])
        taken *= (1.0 + self.light[0] * np.clip(x, -2, 2) + self.light[1] * np.clip(y, -2, 2))[
            ..., None
        ].astype(np.float32)
        blur = oversampling * float(np.hypot(_SHARP_BLUR, tone.blur))
        return np.asarray(cv2.GaussianBlur(tone.developed(taken), (0, 0), blur))

    def skin(self, pose: FacePose, oversampling: int) -> FloatArray:
        """1 where wrinkles may show, 0 on hair and beyond the face, (H, W) float32."""
        x, y = self.identity.grid(pose, oversampling)
        inside = coverage(head_radius(self.identity, x, y) - np.float32(0.93), 0.12)
        return np.asarray(inside * coverage(np.float32(self.identity.hairline_y) - y, 0.1))

    def softened(self, wrinkles: Wrinkles, pose: FacePose, oversampling: int) -> Wrinkles:
        """Wrinkles as sharp as the photograph is, and as deep as those of smooth skin."""
        blur = _WRINKLE_BLUR * pose.inter_ocular * oversampling / _source_pose().inter_ocular
        shades = [cv2.GaussianBlur(shade, (0, 0), blur) for shade in wrinkles.shades]
        soft = np.array(shades, np.float32).reshape(wrinkles.shades.shape)
        return Wrinkles(wrinkles.units, soft * np.float32(_WRINKLE_DEPTH))


def sample_photograph(rng: np.random.Generator) -> Photograph:
    """Draw a variant."""
    return Photograph(
        mirrored=bool(rng.integers(2)),
        tilt=float(rng.uniform(-_MOST_TILT, _MOST_TILT)),
        scale=float(rng.uniform(*_SCALES)),
        light=(
            float(rng.uniform(-_MOST_LIGHT, _MOST_LIGHT)),
            float(rng.uniform(-0.5, 0.5)) * _MOST_LIGHT,
        ),
    )


def marked_points(mirrored: bool = False) -> dict[str, Point]:
    """The marks in face coordinates; those of the line between the lips are ``lip_line_1`` on."""
    eyes = dict(zip(("eye_left", "eye_right"), _EYES, strict=True))
    lips = {f"lip_line_{place}": point for place, point in enumerate(_LIP_LINE, start=1)}
    marks = {**eyes, **_MARKS, **lips}
    pixels = np.array([*marks.values()])
    across, down = face_coordinates(_source_pose(), pixels[:, 0], pixels[:, 1])
    points = zip((-across if mirrored else across).tolist(), down.tolist(), strict=True)
    names = [_other_side(name) if mirrored else name for name in marks]
    return dict(zip(names, points, strict=True))


def _other_side(name: str) -> str:
    stem, _, side = name.rpartition("_")
    opposite = {"left": "right", "right": "left"}.get(side)
    return f"{stem}_{opposite}" if opposite else name


def _source_pose() -> FacePose:
    (left, upper), (right, lower) = _EYES
    return FacePose(
        size=_photograph().shape[0],
        inter_ocular=float(np.hypot(right - left, lower - upper)),
        centre=((left + right) / 2, (upper + lower) / 2),
        roll=float(np.arctan2(lower - upper, right - left)),
    )


@cache
def _photograph() -> FloatArray:
    from skimage import data

    picture = data.astronaut()  # type: ignore[no-untyped-call]
    return np.asarray(picture, np.float32) / np.float32(255.0)


def _smoothed(shrunk: float) -> FloatArray:
    """The photograph without detail finer than samples that are `shrunk` of its pixels apart."""
    deviation = 0.5 * float(np.sqrt(max(shrunk, 1.0) ** 2 - 1.0))
    if deviation < _LEAST_BLUR:
        return _photograph()
    return np.asarray(cv2.GaussianBlur(_photograph(), (0, 0), deviation), np.float32)


@cache
def _measured(mirrored: bool) -> Identity:
    """The symmetrical face, bent until its landmarks lie on the marks."""
    marks, landmarks = marked_points(mirrored), _FACE.landmarks()
    # Of the line between the lips only the height is known.
    wanted = [landmarks.get(name, (x, _FACE.mouth_y)) for name, (x, _) in marks.items()]
    return replace(_FACE, bends=_fitted(np.array([*marks.values()]), np.array(wanted)))


def _fitted(places: AnyFloatArray, wanted: AnyFloatArray) -> tuple[Bend, ...]:
    """Bends at the places that together carry each to where it is wanted."""
    centres = [(float(x), float(y)) for x, y in places]
    x, y = places[:, 0], places[:, 1]
    weights = np.stack([bump(x, y, centre, _BEND_SPREAD) for centre in centres], axis=1)
    # A little ridge: marks are good to half a pixel, and bends that chase them would fold.
    system = weights.astype(np.float64) + _RIDGE * np.eye(len(places))
    shifts = np.linalg.solve(system, wanted - places)
    return tuple(
        Bend(centre, _BEND_SPREAD, (float(right), float(down)))
        for centre, (right, down) in zip(centres, shifts, strict=True)
    )
