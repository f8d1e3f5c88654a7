from .errors import InputError
from .flow import optical_flow_tvl1
from .motion import frame_difference, motion_features, optical_strain
from .store import open_store

__all__ = [
    "InputError",
    "frame_difference",
    "motion_features",
    "open_store",
    "optical_flow_tvl1",
    "optical_strain",
]
