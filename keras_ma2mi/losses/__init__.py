"""Losses."""

from keras_ma2mi.losses.latent_reconstruction import LatentReconstruction, normalize_latent

__all__ = ["LatentReconstruction", "normalize_latent"]
