"""Everything that decides what preprocessing makes of a clip."""

from dataclasses import dataclass

from .errors import InputError
from .faces import detector_names
from .faces.choice import parse_face_choice

ALIGNMENTS = ("auto", "clip", "track")
MAGNIFY_METHODS = ("phase", "linear")
STABILISATIONS = ("auto", "rigid", "none")
PAIRS = ("auto", "key", "gap", "onset", "none")

_SMALLEST_SIZE = 16


@dataclass(frozen=True)
class PreprocessOptions:
    """Options of `preprocess`; two clips made with equal options can share a store.

    Attributes
    ----------
    size : int
        Side of the aligned face in pixels.
    detector : {"cascade", "yunet", "none"} or str
        How faces are found; "none" takes the frames as they are. Other packages can bring more.
    detector_model : str or None
        Network file of a detector that needs one; YuNet's is fetched once if it is not given.
    face : str
        Whose face, where there are several: "largest", "left", "right", or "X,Y", whoever is
        nearest to that point of the first frame (of the onset, where it is annotated), in pixels.
    alignment : {"auto", "clip", "track"}
        One transform a clip, from the frames around its onset; or a face followed through the
        video. "auto" is "clip" where an onset is annotated or the detector is "none".
    stabilisation : {"auto", "rigid", "none"}
        "rigid" corrects each frame's transform so that the rigid part of the face stands still
        (some milliseconds a frame). "auto" is "none" where the detector is "none", else "rigid".
    pairs : {"auto", "key", "gap", "onset", "none"}
        Which frame pairs get flow: onset and apex; a short time apart; the onset and every other
        frame. "auto" is "key" where onset and apex are annotated, else "gap". "key" and "onset"
        give no pairs where the annotation they need is missing.
    gap_seconds : tuple of float
        Shortest and longest time between the frames of a "gap" pair.
    pairs_per_clip : int
        Largest number of "gap" pairs of a clip.
    context_seconds : float
        Time kept before the onset and after the offset of an annotated clip.
    max_frames : int
        Most frames of a clip that are kept.
    smoothing_seconds : float
        Standard deviation of the smoothing of eye positions over time in "track".
    detections_per_second : float
        How often "track" looks for faces.
    magnify : float
        How many times movement since the onset is enlarged in the aligned frames; 1 leaves them.
    magnify_method : {"phase", "linear"}
        How, see `magnify_motion`.
    seed : int
        Seed of everything drawn at random.
    """

    size: int = 224
    detector: str = "cascade"
    detector_model: str | None = None
    face: str = "largest"
    alignment: str = "auto"
    stabilisation: str = "auto"
    pairs: str = "auto"
    gap_seconds: tuple[float, float] = (0.08, 0.32)
    pairs_per_clip: int = 16
    context_seconds: float = 0.5
    max_frames: int = 900
    smoothing_seconds: float = 0.3
    detections_per_second: float = 10.0
    magnify: float = 1.0
    magnify_method: str = "phase"
    seed: int = 0

    @property
    def stabilised(self) -> bool:
        """Whether frames are registered to each other."""
        if self.stabilisation == "auto":
            return self.detector != "none"
        return self.stabilisation == "rigid"

    def __post_init__(self) -> None:
        """Refuse what cannot be done before any clip is touched."""
        _one_of("detector", self.detector, detector_names())
        parse_face_choice(self.face)
        _one_of("alignment", self.alignment, ALIGNMENTS)
        _one_of("stabilisation", self.stabilisation, STABILISATIONS)
        _one_of("pairs", self.pairs, PAIRS)
        _at_least("size", self.size, _SMALLEST_SIZE)
        _at_least("pairs_per_clip", self.pairs_per_clip, 1)
        _at_least("max_frames", self.max_frames, 2)
        _at_least("seed", self.seed, 0)
        _at_least("magnify", self.magnify, 1)
        _one_of("magnify_method", self.magnify_method, MAGNIFY_METHODS)
        _at_least("context_seconds", self.context_seconds, 0)
        for name in ("smoothing_seconds", "detections_per_second"):
            if getattr(self, name) <= 0:
                raise InputError(f"{name} must be positive, not {getattr(self, name)}")
        shortest, longest = self.gap_seconds
        if not 0 < shortest <= longest:
            raise InputError(
                f"gap_seconds must be two positive times, the shorter first, not {shortest} and "
                f"{longest}"
            )


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}, not '{value}'")


def _at_least(name: str, value: float, least: float) -> None:
    if value < least:
        raise InputError(f"{name} must be at least {least}, not {value}")
