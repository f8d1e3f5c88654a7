"""What the face alone does in a rendered clip, which frames show together with all else."""

from dataclasses import dataclass

from .action_units import split_side
from .geometry import FloatArray
from .script import Script, write_script
from .style import Style, style_named


@dataclass(frozen=True)
class FacialMotion:
    """The true movement of a face from onset to apex.

    Attributes
    ----------
    flow : ndarray, shape (H, W, 2), float32
        u right and v down in pixels of the onset frame, by the skin alone: the head is held as it
        is at the onset, and blinks and gaze are left out. Where glasses cover the skin it is that
        of the skin behind them.
    intensities : dict of str to float
        Change of each action unit that moves, such as ``{"AU12": 0.4}``; a unit of one side counts
        half, for it moves half the face. 1 moves the skin by the unit's `reach`.
    label : str
        The emotion.
    """

    flow: FloatArray
    intensities: dict[str, float]
    label: str


def facial_motion(
    kind: str,
    *,
    subject: int = 0,
    clip: int = 0,
    size: int = 128,
    fps: float | None = None,
    seed: int = 0,
    style: str | Style = "plain",
) -> FacialMotion:
    """The facial movement of a clip, without rendering a frame of it: some ten milliseconds.

    Movements that do not belong to the expression (speech, a swallow, a leak) are movements of the
    face too, and are part of it. Arguments are those that `render_clip` or `synthesize` made the
    clip with.

    Raises
    ------
    ValueError
        There is no such style.

    Examples
    --------
    >>> motion = facial_motion("micro", subject=0, clip=0, size=128, seed=202, style="natural")
    >>> moves = np.hypot(*np.moveaxis(motion.flow, -1, 0))
    """
    chosen = style_named(style)
    script = write_script(
        kind,
        subject=subject,
        clip=clip,
        label=None,
        size=size,
        fps=chosen.acting.fps(kind) if fps is None else float(fps),
        seed=seed,
        style=chosen,
    )
    onset, apex = script.timeline.onset, script.timeline.apex
    return FacialMotion(
        flow=script.deformation.facial_flow(onset, apex),
        intensities=_intensities(script, onset, apex),
        label=script.label,
    )


def _intensities(script: Script, onset: int, apex: int) -> dict[str, float]:
    change = script.deformation.intensities[apex] - script.deformation.intensities[onset]
    found: dict[str, float] = {}
    # Turns of the head come after all units.
    for (unit, share), value in zip(_units_with_shares(script), change, strict=False):
        found[unit] = found.get(unit, 0.0) + share * float(value)
    return found


def _units_with_shares(script: Script) -> list[tuple[str, float]]:
    """Each unit in the order of the intensities, and the mean strength of its two sides."""
    codes = [split_side(unit) for unit in script.units]
    if script.act is None:
        return [(unit, 0.5 if side else 1.0) for unit, side in codes]
    expression = [
        (unit, 0.5 * (left + right))
        for (unit, _), (left, right) in zip(codes, script.act.sides, strict=True)
    ]
    others = [split_side(each.code) for each in script.act.distractors]
    return expression + [(unit, 0.5 if side else 1.0) for unit, side in others]
