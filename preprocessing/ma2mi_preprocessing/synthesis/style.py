"""In what style faces are rendered: how rich their looks and how lively they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .expressions import EXPRESSIONS, LIFELIKE_EXPRESSIONS, POSED_EXPRESSIONS, Combination

Range = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """How a picture looks: skin, accessories, light, camera.

    Attributes
    ----------
    detailed : bool
        Whether people have more than a shape and colours. Without it nothing below counts.
    photographed : bool
        Whether a photograph of one person is moved instead of drawn people; see `photographs`.
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
    photographed: bool = False
    pores: Range = (0.5, 1.2)
    glasses: float = 0.25
    facial_hair: float = 0.6
    makeup: float = 0.5
    exposure: Range = (0.85, 1.1)
    hardness: Range = (0.0, 0.8)
    noise: Range = (0.7, 1.8)
    grain: Range = (0.0, 0.5)
    blur: Range = (0.0, 0.6)
    compressed: float = 0.6
    quality: Range = (70.0, 97.0)


@dataclass(frozen=True)
class Acting:
    """How expressions come about, and what else happens in a clip.

    Shares are 0 to 1, all other numbers 0 or more; 0 switches a field off and leaves all others as
    they are. Pixels are those of a picture of 224 pixels. What the defaults are based on is written
    in docs/rendered_faces.md, "Acting".

    Attributes
    ----------
    lifelike : bool
        Whether durations, sides and ways to show an emotion are distributed as in published
        annotations, and distractors take place. Without it nothing below counts but the rates.
    posed_macro : bool
        Whether macro-expressions are the prototypes of FACS, `expressions.POSED_EXPRESSIONS`, and
        not the combinations of micro-expressions: the same word then stands for other movements
        in the two kinds.
    habits : float
        How much people differ in the ways they show an emotion, in strength and in speed: 0 not at
        all, 1 clearly.
    asymmetry : float
        Deviation of the logarithm of left over right strength of a two-sided unit.
    blinks : float
        A minute.
    saccades : float
        Changes of gaze a second.
    gaze_range : float
        How far from straight ahead people look, 1 being usual.
    speech : float
        Share of clips in which the mouth moves as in speech.
    swallows : float
        A minute.
    leaks : float
        Share of clips with a weak action unit that does not belong to the expression.
    strength : tuple of float
        Largest displacement by speech, a swallow or a leak, from and to, in pixels.
    tremor : float
        Deviation of the fast part of head motion, in pixels.
    turns : float
        Deviation of turning and nodding of the head, in degrees.
    macro_fps, micro_fps : float
        Frames a second unless told otherwise, 10 or more.
    """

    lifelike: bool = False
    posed_macro: bool = False
    habits: float = 1.0
    asymmetry: float = 0.18
    blinks: float = 17.0
    saccades: float = 1.2
    gaze_range: float = 1.0
    speech: float = 0.2
    swallows: float = 1.5
    leaks: float = 0.3
    strength: tuple[float, float] = (0.15, 0.9)
    tremor: float = 0.05
    turns: float = 0.35
    macro_fps: float = 30.0
    micro_fps: float = 100.0

    def fps(self, kind: str) -> float:
        """Frames a second of clips of a kind unless told otherwise."""
        return self.macro_fps if kind == "macro" else self.micro_fps

    def expressions(self, kind: str) -> Mapping[str, tuple[Combination, ...]]:
        """The ways in which people show each emotion in clips of a kind."""
        if not self.lifelike:
            return EXPRESSIONS
        if self.posed_macro and kind == "macro":
            return POSED_EXPRESSIONS
        return LIFELIKE_EXPRESSIONS

    def undistracted(self) -> "Acting":
        """The same expressions, and nothing else happens."""
        return replace(
            self,
            blinks=0.0,
            saccades=0.0,
            speech=0.0,
            swallows=0.0,
            leaks=0.0,
            tremor=0.0,
            turns=0.0,
        )


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
NATURAL = Style(look=Look(detailed=True), acting=Acting(lifelike=True))
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
    ),
    acting=NATURAL.acting,
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
    ),
    acting=NATURAL.acting,
)
POSED = replace(NATURAL, acting=Acting(lifelike=True, posed_macro=True))
SLOW_CAMERA = replace(NATURAL, acting=Acting(lifelike=True, macro_fps=25.0, micro_fps=30.0))
FAST_CAMERA = replace(NATURAL, acting=Acting(lifelike=True, macro_fps=100.0, micro_fps=200.0))
STYLES: dict[str, Style] = {
    "plain": PLAIN,
    "natural": NATURAL,
    "dim": DIM,
    "smooth": SMOOTH,
    "slow_camera": SLOW_CAMERA,
    "fast_camera": FAST_CAMERA,
    "posed": POSED,
}

# Of one person: nothing is to be trained or chosen on it, so it is none of the styles above. Her
# eyes keep their gaze, for nothing is known of what they would uncover; she has no habits, so that
# all ways to show an emotion are met.
PHOTOGRAPH = Style(
    look=Look(detailed=True, photographed=True),
    acting=Acting(lifelike=True, habits=0.0, saccades=0.0, gaze_range=0.0),
)
ALL_STYLES: dict[str, Style] = {**STYLES, "photograph": PHOTOGRAPH}


def style_named(name: str | Style) -> Style:
    """The style of that name (a style stands for itself); ``ValueError`` where there is none."""
    if isinstance(name, Style):
        return name
    if name not in ALL_STYLES:
        raise ValueError(f"`style` must be one of {', '.join(ALL_STYLES)}. Received: style={name}")
    return ALL_STYLES[name]
