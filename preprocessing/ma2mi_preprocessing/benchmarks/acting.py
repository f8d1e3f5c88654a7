"""How the faces of a rendering style act, beside published annotations of recorded ones."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..synthesis.action_units import split_side
from ..synthesis.expressions import CLASSES, bayes_accuracy
from ..synthesis.performance import largest_movement
from ..synthesis.script import KINDS, Script, write_script
from ..synthesis.style import Style, style_named

# Nothing is drawn: the smallest face will do.
_SIZE = 48
_PICTURE = 224.0
_QUANTILES = (0.1, 0.5, 0.9)

Spread = tuple[float, float, float]


@dataclass(frozen=True)
class ActingFigures:
    """Durations and action units of a set of clips.

    Attributes
    ----------
    name : str
    clips : int
    fps : float
    duration, rise, fall : tuple of float
        Onset to offset, onset to apex, apex to offset, in seconds: a tenth of the clips is below
        the first, half below the second, and a tenth above the third.
    before_apex : tuple of float
        Share of the duration before the apex: mean and deviation.
    one_sided : float
        Share of clips with a unit on one side only.
    unit_counts : tuple of float
        Shares of clips with one, two, three, and four or more different units.
    units : dict
        For each emotion the shares of its clips that have a unit, most frequent first.
    best_accuracy : float or None
        Accuracy of the best classifier that sees the action units.
    peak : tuple of float or None
        Largest displacement at the apex, as `duration`, in pixels of a picture of 224 pixels.
    """

    name: str
    clips: int
    fps: float
    duration: Spread
    rise: Spread
    fall: Spread
    before_apex: tuple[float, float]
    one_sided: float
    unit_counts: tuple[float, float, float, float]
    units: dict[str, dict[str, float]]
    best_accuracy: float | None
    peak: Spread | None


_POOLED = {
    "anger": {"AU7": 0.74, "AU4": 0.37, "AU6": 0.04},
    "disgust": {"AU4": 0.76, "AU7": 0.43, "AU10": 0.32, "AU9": 0.18},
    "happiness": {"AU12": 0.93, "AU14": 0.07, "AU15": 0.07, "AU6": 0.05},
    "sadness": {"AU17": 0.50, "AU15": 0.33, "AU1": 0.33, "AU12": 0.17},
    "surprise": {"AU2": 0.62, "AU1": 0.60, "AU5": 0.25, "AU26": 0.08},
}

# Counted in the public annotation tables that follow the datasets (all labels; units by emotion in
# both datasets together: 57, 72, 58, 6 and 40 clips). Best accuracy: F1 of predicting the label
# from the annotated units, Varanka et al. 2023, table 2.
PUBLISHED: tuple[ActingFigures, ...] = (
    ActingFigures(
        name="CASME II",
        clips=246,
        fps=200.0,
        duration=(0.200, 0.312, 0.478),
        rise=(0.090, 0.155, 0.265),
        fall=(0.075, 0.150, 0.275),
        before_apex=(0.51, 0.15),
        one_sided=0.195,
        unit_counts=(0.60, 0.33, 0.05, 0.02),
        units=_POOLED,
        best_accuracy=0.87,
        peak=None,
    ),
    ActingFigures(
        name="SAMM",
        clips=159,
        fps=200.0,
        duration=(0.220, 0.385, 0.481),
        rise=(0.090, 0.160, 0.252),
        fall=(0.085, 0.200, 0.315),
        before_apex=(0.46, 0.16),
        one_sided=0.264,
        unit_counts=(0.75, 0.20, 0.04, 0.01),
        units=_POOLED,
        best_accuracy=0.96,
        peak=None,
    ),
)


def acting_document(
    style: str,
    *,
    people: int,
    clips: int,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda finished, total: None,
) -> dict[str, Any]:
    """Figures of a style, ready for JSON, with the published ones.

    Parameters
    ----------
    style : str
        One of `synthesis.style.STYLES`.
    people, clips : int
        People of each kind, and clips of each.
    seed : int
    on_progress : callable, optional
        Called with the clips finished and all.
    """
    chosen = style_named(style)
    total = len(KINDS) * people * clips
    figures, lively = [], []
    for place, kind in enumerate(KINDS):
        scripts = []
        for number in range(people * clips):
            scripts.append(_script(kind, number // clips, number % clips, seed, chosen))
            on_progress(place * people * clips + number + 1, total)
        figures.append(_figures(kind, scripts, chosen))
        lively.append(_liveliness(kind, scripts))
    return {
        "style": style,
        "people": people,
        "seed": seed,
        "published": [asdict(each) for each in PUBLISHED],
        "rendered": [asdict(each) for each in figures],
        "beside": lively,
    }


def _script(kind: str, subject: int, clip: int, seed: int, style: Style) -> Script:
    return write_script(
        kind,
        subject=subject,
        clip=clip,
        label=None,
        size=_SIZE,
        fps=style.acting.fps(kind),
        seed=seed,
        style=style,
    )


def _figures(kind: str, scripts: Sequence[Script], style: Style) -> ActingFigures:
    lines = [each.timeline for each in scripts]
    fps = scripts[0].fps
    rise = np.array([line.apex - line.onset for line in lines]) / fps
    fall = np.array([line.offset - line.apex for line in lines]) / fps
    share = rise / (rise + fall)
    different = [{split_side(unit)[0] for unit in each.units} for each in scripts]
    counts = Counter(min(4, len(units)) for units in different)
    return ActingFigures(
        name=f"rendered {kind}",
        clips=len(scripts),
        fps=fps,
        duration=_spread(rise + fall),
        rise=_spread(rise),
        fall=_spread(fall),
        before_apex=(float(share.mean()), float(share.std())),
        one_sided=float(
            np.mean([any(split_side(unit)[1] for unit in each.units) for each in scripts])
        ),
        unit_counts=(
            counts[1] / len(scripts),
            counts[2] / len(scripts),
            counts[3] / len(scripts),
            counts[4] / len(scripts),
        ),
        units={label: _unit_shares(label, scripts, different) for label in CLASSES},
        best_accuracy=bayes_accuracy(style.acting.expressions(kind)),
        peak=_spread([_peak(each) for each in scripts]),
    )


def _unit_shares(
    label: str, scripts: Sequence[Script], different: Sequence[set[str]]
) -> dict[str, float]:
    own = [units for each, units in zip(scripts, different, strict=True) if each.label == label]
    seen = Counter(unit for units in own for unit in units)
    return {unit: count / len(own) for unit, count in seen.most_common(6)}


def _peak(script: Script) -> float:
    """Largest displacement at the apex by the units of the expression alone."""
    return (
        largest_movement(script.deformation, script.timeline.apex, len(script.units))
        * _PICTURE
        / _SIZE
    )


def _spread(values: Any) -> Spread:
    low, middle, high = (float(part) for part in np.quantile(values, _QUANTILES))
    return low, middle, high


def _liveliness(kind: str, scripts: Sequence[Script]) -> dict[str, Any]:
    """What else happens: rates and shares of clips."""
    minutes = sum(each.timeline.frames / each.fps for each in scripts) / 60.0
    acts = [each.act for each in scripts if each.act is not None]
    reasons = Counter(
        reason for act in acts for reason in {each.reason for each in act.distractors}
    )
    pixels = [each.pixels for act in acts for each in act.distractors]
    sway = [each.deformation.head[:, :2].std(axis=0) * _PICTURE / _SIZE for each in scripts]
    return {
        "name": f"rendered {kind}",
        "blinks_a_minute": _begun(act.eyes.blinks for act in acts) / minutes,
        "clips_with_blink": sum(bool(act.eyes.blinks) for act in acts) / len(scripts),
        "clips_with_glance": sum(len(set(act.eyes.gaze)) > 1 for act in acts) / len(scripts),
        **{
            f"clips_with_{reason}": reasons[reason] / len(scripts)
            for reason in ("speech", "swallow", "leak")
        },
        "distractor_pixels": _spread(pixels) if pixels else None,
        "head_shift_pixels": float(np.mean(sway)),
    }


def _begun(clips: Iterable[Sequence[tuple[int, int]]]) -> int:
    """Blinks that begin within their clip."""
    return sum(first > 0 for blinks in clips for first, _ in blinks)
