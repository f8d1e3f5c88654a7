import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.layers import AreaResizing
from keras_ma2mi.layers.area_resizing import area_weights
from tests.conformance import check_layer, to_numpy


def test_resizing_conforms(rng: np.random.Generator) -> None:
    inputs = rng.normal(size=(2, 7, 9, 3)).astype("float32")
    check_layer(lambda **kwargs: AreaResizing(4, **kwargs), {"inputs": inputs})


def test_places_are_means_of_whole_blocks_where_sizes_divide(rng: np.random.Generator) -> None:
    maps = rng.normal(size=(2, 12, 8, 3)).astype("float32")
    (resized,) = to_numpy(AreaResizing(4)(maps))
    blocks = maps.reshape(2, 4, 3, 4, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(resized, blocks, rtol=1e-5, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(source=st.integers(1, 300), target=st.integers(1, 60))
def test_each_place_is_a_mean_and_each_pixel_counts_alike(source: int, target: int) -> None:
    weights = area_weights(source, target).astype(np.float64)
    assert weights.shape == (target, source) and (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(weights.sum(axis=0), target / source, atol=1e-5)


def test_a_size_that_is_not_positive_is_named() -> None:
    with pytest.raises(ValueError, match="`size` must be positive"):
        AreaResizing(0)
