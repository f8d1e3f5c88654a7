"""Motion of invented faces without a picture: thousands of labelled flow fields a second.

A face moves by a random combination of action units, tied to the landmarks of random people in
random crops, with motion of the head, blinks, movements that belong to no unit, and errors like
those of estimated flow. What comes out are the motion channels that models take, and which units
made them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..motion import optical_strain
from ..motion_scaling import minmax_scaled
from .face_draws import FlowFieldOptions, sample_estimation, sample_faces
from .face_flow import expression_flow, head_flow
from .flow_errors import estimated
from .geometry import FloatArray
from .push_table import push_table


@dataclass(frozen=True)
class FlowFields:
    """Many flow fields and what made them.

    Attributes
    ----------
    motion : ndarray, shape (N, S, S, 3), float32
        u, v and optical strain, onset to apex; pixels, or 0..1 where scaled.
    intensities : ndarray, shape (N, K), float32
        Of each unit on the side where it is stronger; 1 moves the skin by the unit's `reach`. Zero
        for units that do not act.
    units : tuple of str
        Names of the units.
    """

    motion: FloatArray
    intensities: FloatArray
    units: tuple[str, ...]

    @property
    def shown(self) -> npt.NDArray[np.float32]:
        """(N, K): 1 for units that act, 0 for others."""
        return (self.intensities > 0).astype(np.float32)


def sample_flow_fields(
    rng: np.random.Generator, count: int, options: FlowFieldOptions | None = None
) -> FlowFields:
    """Draw labelled motion.

    Parameters
    ----------
    rng : numpy.random.Generator
        The same state gives the same fields.
    count : int
    options : FlowFieldOptions, optional

    Examples
    --------
    >>> fields = sample_flow_fields(np.random.default_rng(0), 16)
    >>> fields.motion.shape
    (16, 28, 28, 3)
    """
    options = options or FlowFieldOptions()
    faces = sample_faces(rng, count, options)
    flow = expression_flow(faces) + head_flow(faces)
    if options.errors:
        flow = estimated(flow, faces.crops, sample_estimation(rng, count, options))
    motion = np.concatenate([flow, optical_strain(flow)[..., None]], axis=-1)
    return FlowFields(
        minmax_scaled(motion) if options.scaling == "minmax" else motion,
        faces.intensities.max(axis=2),
        push_table().units,
    )
