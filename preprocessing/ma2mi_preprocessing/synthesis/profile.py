"""How an expression rises and falls in time."""

from dataclasses import dataclass

import numpy as np

from .geometry import FloatArray


@dataclass(frozen=True)
class Tempo:
    """How long, and how large, expressions of one kind are.

    Attributes
    ----------
    duration : tuple of float
        Shortest and longest time from onset to offset, in seconds.
    peak : tuple of float
        Smallest and largest displacement at the apex, in pixels of a picture of 224 pixels.
    lead : tuple of float
        Shortest and longest still time before the onset and after the offset, in seconds.
    fps : float
        Frames a second unless told otherwise.
    """

    duration: tuple[float, float]
    peak: tuple[float, float]
    lead: tuple[float, float]
    fps: float


# Durations: at most half a second for micro-expressions (Yan et al., "How fast are the leaked
# facial expressions", 2013), up to four seconds for macro-expressions (Ekman 2003).
TEMPI: dict[str, Tempo] = {
    "macro": Tempo(duration=(0.5, 4.0), peak=(4.0, 12.0), lead=(0.15, 0.40), fps=30.0),
    "micro": Tempo(duration=(0.18, 0.5), peak=(0.3, 2.0), lead=(0.06, 0.15), fps=100.0),
}


@dataclass(frozen=True)
class LifelikeTempo(Tempo):
    """A tempo with the spread that durations have in annotated recordings.

    Attributes
    ----------
    median, spread : float
        Of the time from onset to offset: seconds, and deviation of their logarithm.
    rise : tuple of float
        Share of that time before the apex: mean and deviation.
    """

    median: float
    spread: float
    rise: tuple[float, float]


# Micro: the annotations of CASME II (246 clips, 200 fps) and SAMM (159, 200 fps) have medians of
# 0.31 and 0.39 s, log deviations of 0.35 and 0.30, and 0.51 +- 0.15 and 0.46 +- 0.16 before the
# apex. Macro: the range is that of Ekman 2003; the spread in it is ours.
LIFELIKE_TEMPI: dict[str, LifelikeTempo] = {
    "macro": LifelikeTempo((0.5, 4.0), (4.0, 12.0), (0.15, 0.40), 30.0, 1.3, 0.50, (0.45, 0.15)),
    "micro": LifelikeTempo((0.1, 0.5), (0.3, 2.0), (0.06, 0.15), 100.0, 0.35, 0.34, (0.49, 0.155)),
}
_SHORTEST_FLANK = 0.12


@dataclass(frozen=True)
class Timeline:
    """Key frames of a clip, 0-based: the last still frame, the strongest, the first still again."""

    frames: int
    onset: int
    apex: int
    offset: int


def sample_timeline(rng: np.random.Generator, tempo: Tempo, fps: float) -> Timeline:
    """Draw the key frames of one clip; short expressions are commoner than long ones."""
    low, high = tempo.duration
    seconds = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    length = int(np.clip(round(seconds * fps), 2, max(2, int(high * fps + 1e-6))))
    onset = max(2, round(rng.uniform(*tempo.lead) * fps))
    apex = onset + int(np.clip(round(rng.uniform(0.3, 0.55) * length), 1, length - 1))
    after = max(2, round(rng.uniform(*tempo.lead) * fps))
    return Timeline(onset + length + after, onset, apex, onset + length)


def sample_lifelike_timeline(
    rng: np.random.Generator, tempo: LifelikeTempo, fps: float, pace: float = 1.0
) -> Timeline:
    """Draw the key frames of one clip of a person whose durations are `pace` times the usual."""
    low, high = tempo.duration
    seconds = tempo.median * pace * np.exp(tempo.spread * rng.standard_normal(64))
    within = seconds[(seconds >= low) & (seconds <= high)]
    wanted = float(within[0]) if within.size else float(np.clip(seconds[0], low, high))
    length = int(np.clip(round(wanted * fps), 2, max(2, int(high * fps + 1e-6))))
    share = np.clip(rng.normal(*tempo.rise), _SHORTEST_FLANK, 1.0 - _SHORTEST_FLANK)
    onset = max(2, round(rng.uniform(*tempo.lead) * fps))
    apex = onset + int(np.clip(round(share * length), 1, length - 1))
    after = max(2, round(rng.uniform(*tempo.lead) * fps))
    return Timeline(onset + length + after, onset, apex, onset + length)


def rise_and_fall(
    timeline: Timeline,
    rise: float,
    fall: float,
    hold: float,
    late: float = 0.0,
    soon: float = 0.0,
) -> FloatArray:
    """Intensity in every frame: 0 up to the onset, 1 at the apex, 0 from the offset on.

    Parameters
    ----------
    timeline : Timeline
    rise, fall : float
        Exponents of the two flanks; above one a movement starts later than the others.
    hold : float
        Share of each flank, 0..1, spent close to the apex.
    late, soon : float
        Shares of the rise and of the fall, 0..1, that a unit misses because it starts after the
        first and ends before the last.

    Returns
    -------
    ndarray, shape (frames,), float32
        Strictly rising up to the apex and strictly falling after it, from its own start to its end.
    """
    frame = np.arange(timeline.frames, dtype=np.float64)
    up = (frame - timeline.onset) / (timeline.apex - timeline.onset)
    down = (timeline.offset - frame) / (timeline.offset - timeline.apex)
    flank = np.clip(np.minimum((up - late) / (1.0 - late), (down - soon) / (1.0 - soon)), 0.0, 1.0)
    # Minimum jerk, reached early by `hold`; a slight slope on the plateau keeps the apex unique.
    early = np.clip(flank / (1.0 - hold), 0.0, 1.0)
    smooth = early**3 * (10.0 - 15.0 * early + 6.0 * early**2)
    exponent = np.where(frame <= timeline.apex, rise, fall)
    return ((0.97 * smooth + 0.03 * flank) ** exponent).astype(np.float32)
