"""Rendered faces with ground truth: people who do not exist, movements that are known exactly."""

from .action_units import ACTION_UNITS
from .clips import ground_truth, synthesize
from .expressions import CLASSES
from .renderer import RenderedClip, render_clip
from .script import KINDS

__all__ = [
    "ACTION_UNITS",
    "CLASSES",
    "KINDS",
    "RenderedClip",
    "ground_truth",
    "render_clip",
    "synthesize",
]
