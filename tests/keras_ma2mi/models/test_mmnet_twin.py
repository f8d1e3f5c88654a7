"""The position transformer and the whole MMNet-like network against twins in plain NumPy."""

from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.layers import PositionEncoder
from keras_ma2mi.models import MIACNet
from tests.conformance import to_numpy
from tests.keras_ma2mi.drawn_weights import draw_weights, weights_by_path
from tests.reference.mmnet import mmnet
from tests.reference.position_transformer import position_transformer


def largest_difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Largest difference relative to the largest value of a map that is not empty of values."""
    scale = np.abs(theirs).max()
    assert scale > 1e-3 and theirs.std() > 1e-3 * scale
    return float(np.abs(ours - theirs).max() / scale)


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"grid": 4, "channels": 8, "depth": 2, "heads": 4}, (16, 16)),
        ({"grid": 3, "channels": 12, "depth": 1, "heads": 1, "mlp_ratio": 1.5}, (9, 21)),
        ({"grid": 5, "channels": 6, "depth": 3, "heads": 2}, (5, 5)),
    ],
    ids=["as_mmnet", "one_head_wide_frame", "frame_of_the_grid's_size"],
)
def test_position_transformer_equals_its_numpy_twin(
    options: dict[str, Any], shape: tuple[int, int], rng: np.random.Generator
) -> None:
    frame = rng.uniform(size=(2, *shape, 3)).astype("float32")
    encoder = PositionEncoder(kind="transformer", name="encoder", **options)
    encoder.build((None, *shape, 3))
    draw_weights(encoder)
    (position,) = to_numpy(encoder(frame, training=False))
    weights = weights_by_path(encoder, root="encoder")
    expected = position_transformer(frame.astype("float64"), weights, encoder.grid)
    assert largest_difference(position, expected) < 1e-4


def _largest_differences(model: MIACNet, rng: np.random.Generator, batch: int) -> dict[str, float]:
    size = model.get_config()["input_size"]
    draw_weights(model)
    onset = rng.uniform(size=(batch, size, size, 3)).astype("float32")
    motion = rng.normal(size=(batch, size, size, 3)).astype("float32")
    maps = model.maps.predict({"onset": onset, "motion": motion}, verbose=0)
    expected = mmnet(onset.astype("float64"), motion.astype("float64"), weights_by_path(model))
    assert set(maps) == set(expected)
    return {name: largest_difference(maps[name], expected[name]) for name in expected}


def test_small_mmnet_equals_its_numpy_twin_map_by_map(rng: np.random.Generator) -> None:
    model = MIACNet.from_preset(
        "miacnet_base", num_classes=5, input_size=48, stem_filters=(12, 8), filters=(8, 8, 16, 32)
    )
    differences = _largest_differences(model, rng, batch=2)
    assert {"position_map", "action_map", "attention_3", "fused", "logits"} <= set(differences)
    assert max(differences.values()) < 1e-4, differences


@pytest.mark.slow
def test_mmnet_at_full_size_equals_its_numpy_twin_map_by_map(rng: np.random.Generator) -> None:
    model = MIACNet.from_preset("miacnet_base", num_classes=5)
    assert tuple(model.maps.output["fused"].shape) == (None, 14, 14, 512)
    differences = _largest_differences(model, rng, batch=1)
    assert max(differences.values()) < 1e-4, differences


def test_twin_notices_a_wrong_gelu(rng: np.random.Generator) -> None:
    """The tanh formula of GELU is the likeliest mistake, and the smallest."""
    encoder = PositionEncoder(grid=4, channels=8, depth=2, name="encoder")
    encoder.build((None, 16, 16, 3))
    draw_weights(encoder)
    for block in encoder.blocks:
        block.expand.activation = lambda x: keras.activations.gelu(x, approximate=True)
    frame = rng.uniform(size=(2, 16, 16, 3)).astype("float32")
    (position,) = to_numpy(encoder(frame, training=False))
    weights = weights_by_path(encoder, root="encoder")
    expected = position_transformer(frame.astype("float64"), weights, encoder.grid)
    assert largest_difference(position, expected) > 1e-5
