"""Finding when a face moves: motion curves, key frames, and the expressions of a video."""

from .events import (
    DEFAULT_THRESHOLD,
    LONGEST_MICRO_SECONDS,
    ExpressionEvent,
    events_of,
    expression_curve,
    find_events,
    find_strongest_event,
    still_level,
    strongest_of,
)
from .key_frames import KeyFrames, find_key_frames
from .motion_curve import motion_curve
from .movement import Movement, measure_movement

__all__ = [
    "DEFAULT_THRESHOLD",
    "LONGEST_MICRO_SECONDS",
    "ExpressionEvent",
    "KeyFrames",
    "Movement",
    "events_of",
    "expression_curve",
    "find_events",
    "find_key_frames",
    "find_strongest_event",
    "measure_movement",
    "motion_curve",
    "still_level",
    "strongest_of",
]
