"""Figures that show whether a latent space has collapsed."""

from keras import ops

from keras_ma2mi.types import Tensor

# Variance, relative to the mean square, that rounding alone gives to equal float32 vectors.
_ROUNDING = 1e-12


def latent_variance(latent: Tensor) -> Tensor:
    """Variance over the batch of each place and channel, averaged.

    Over the batch and not over places: a position embedding alone would make places differ even
    when all images have come to give the same map. 0 for a batch of one.

    Args:
        latent: Maps of shape `(batch, height, width, channels)`.
    """
    return ops.mean(ops.var(ops.cast(latent, "float32"), axis=0))


def effective_rank(latent: Tensor) -> Tensor:
    """Number of directions over which the variance of latent vectors is spread.

    The participation ratio `trace(C)^2 / trace(C^2)` of the covariance C over batch and places
    (each place centred over the batch): 1 if all variance lies in one direction, the number of
    channels if it is the same in all. It needs no eigenvalues, so that it is cheap and runs
    compiled on every backend. 0 if nothing varies.

    Args:
        latent: Maps of shape `(batch, height, width, channels)`.
    """
    latent = ops.cast(latent, "float32")
    centred = latent - ops.mean(latent, axis=0, keepdims=True)
    vectors = ops.reshape(centred, (-1, latent.shape[-1]))
    covariance = ops.matmul(ops.transpose(vectors), vectors)
    total = ops.sum(ops.diagonal(covariance))
    # In units of the total, as its square may be too small for a float32.
    relative = covariance / ops.maximum(total, 1e-30)
    rank = 1.0 / ops.maximum(ops.sum(ops.square(relative)), 1e-30)
    varies = total > _ROUNDING * ops.sum(ops.square(latent))
    return ops.where(varies, rank, ops.zeros_like(rank))
