import keras
import numpy as np
import pytest

from keras_ma2mi.models.latent_diagnostics import effective_rank, latent_variance


def _latent(vectors: np.ndarray) -> np.ndarray:
    return vectors[:, None, None, :].astype("float32")


def test_variance_is_over_the_batch_and_not_over_places(rng: np.random.Generator) -> None:
    one = rng.normal(size=(1, 4, 4, 6)).astype("float32")
    assert float(latent_variance(np.repeat(one, 8, axis=0))) == pytest.approx(0.0, abs=1e-9)
    opposite = _latent(np.array([[1.0, 1.0], [-1.0, -1.0]]))
    assert float(latent_variance(opposite)) == pytest.approx(1.0)


@pytest.mark.parametrize("directions", [1, 2, 5])
def test_rank_counts_directions_of_equal_variance(directions: int) -> None:
    axes = np.eye(6)[:directions]
    latent = _latent(np.concatenate([axes, -axes]))
    assert float(effective_rank(latent)) == pytest.approx(directions, rel=1e-5)


def test_rank_equals_the_ratio_of_eigenvalues(rng: np.random.Generator) -> None:
    latent = rng.normal(size=(16, 3, 3, 5)).astype("float32") * [3.0, 1.0, 1.0, 0.5, 0.1]
    vectors = (latent - latent.mean(axis=0)).reshape(-1, 5)
    eigenvalues = np.linalg.eigvalsh(vectors.T @ vectors)
    expected = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    rank = float(keras.ops.convert_to_numpy(effective_rank(latent.astype("float32"))))
    assert rank == pytest.approx(expected, rel=1e-4)


def test_rank_of_nothing_is_zero() -> None:
    assert float(effective_rank(np.ones((4, 2, 2, 3), "float32"))) == 0.0


def test_rounding_of_equal_images_is_no_direction(rng: np.random.Generator) -> None:
    """A mean of seven equal numbers is off by a digit, which has a direction of its own."""
    one = (1 / 3 + rng.normal(size=(1, 2, 2, 5))).astype("float32")
    assert float(effective_rank(np.repeat(one, 7, axis=0))) == 0.0


def test_rank_does_not_depend_on_scale(rng: np.random.Generator) -> None:
    latent = rng.normal(size=(8, 2, 2, 4)).astype("float32")
    expected = float(effective_rank(latent))
    for scale in (1e-10, 1e8):
        scaled = (scale * latent).astype("float32")
        assert float(effective_rank(scaled)) == pytest.approx(expected, rel=1e-4)
