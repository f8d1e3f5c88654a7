"""What can be read linearly from the features of pre-trained networks, on rendered clips."""

from ma2mi_recipes.probes.stage import PROBED, probe_figures

__all__ = ["PROBED", "probe_figures"]
