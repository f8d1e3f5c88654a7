from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.layers import ActionEncoder, ContinuousAttention, PositionEncoder
from keras_ma2mi.models import count_multiply_adds
from tests.keras_ma2mi.models.networks import SMALL, small_classifier, small_reconstructor

LAYERS = keras.layers
# Height, width and channels of the input, and the multiply-adds by hand.
COUNTS: list[tuple[Any, tuple[int, ...], int]] = [
    (LAYERS.Dense(5), (4,), 4 * 5),
    (LAYERS.Dense(5), (7, 6, 4), 7 * 6 * 4 * 5),
    (LAYERS.EinsumDense("abc,cd->abd", (7, 5)), (7, 4), 7 * 4 * 5),
    (LAYERS.EinsumDense("...x,xy->...y", 5), (7, 4), 7 * 4 * 5),
    (LAYERS.Conv1D(5, 3), (8, 4), 6 * 3 * 4 * 5),
    (LAYERS.Conv2D(5, 3, padding="same"), (8, 6, 4), 8 * 6 * 9 * 4 * 5),
    (LAYERS.Conv2D(5, 3, strides=2), (9, 9, 4), 4 * 4 * 9 * 4 * 5),
    (LAYERS.Conv2D(6, 3, groups=2, padding="same"), (8, 8, 4), 8 * 8 * 9 * 2 * 6),
    (LAYERS.DepthwiseConv2D(3, depth_multiplier=2, padding="same"), (8, 8, 4), 8 * 8 * 9 * 4 * 2),
    (LAYERS.SeparableConv2D(5, 3, padding="same"), (8, 8, 4), 8 * 8 * (9 * 4 + 4 * 5)),
    (LAYERS.Conv2DTranspose(5, 2, strides=2), (4, 4, 3), 4 * 4 * 4 * 5 * 3),
    (LAYERS.BatchNormalization(), (8, 8, 4), 0),
]


@pytest.mark.parametrize(
    ("layer", "shape", "expected"), COUNTS, ids=[f"{row[0].name}-{row[1]}" for row in COUNTS]
)
def test_single_layers_count_as_by_hand(layer: Any, shape: tuple[int, ...], expected: int) -> None:
    layer.build((None, *shape))
    assert count_multiply_adds(layer, (None, *shape)) == expected
    # The same with the layer hidden in a functional model, whose inputs tell the shape.
    inputs = keras.Input(shape)
    assert count_multiply_adds(keras.Model(inputs, layer(inputs))) == expected


def test_attention_counts_projections_and_both_products() -> None:
    queries, values = keras.Input((6, 8)), keras.Input((10, 12))
    attention = keras.layers.MultiHeadAttention(num_heads=2, key_dim=3)
    model = keras.Model([queries, values], attention(queries, values))
    projections = 6 * 8 * 2 * 3 + 2 * (10 * 12 * 2 * 3) + 6 * 2 * 3 * 8
    assert count_multiply_adds(model) == projections + 2 * 6 * 10 * (3 + 3)


def test_a_layer_counts_as_often_as_it_is_called() -> None:
    shared = keras.layers.Dense(4)
    inputs = keras.Input((4,))
    model = keras.Model(inputs, shared(shared(inputs)))
    assert count_multiply_adds(model) == 2 * 4 * 4


def test_composite_layers_count_what_is_inside() -> None:
    block = ContinuousAttention(6, strides=2)
    block.build((None, 8, 8, 4))
    convolution, projection, attention, shortcut = 9 * 4 * 6, 6 * 6, 2 * 1, 4 * 6
    expected = 4 * 4 * (convolution + projection + attention + shortcut)
    assert count_multiply_adds(block, (None, 8, 8, 4)) == expected


def test_position_encoder_counts_embedding_attention_and_mlp() -> None:
    encoder = PositionEncoder(grid=4, channels=8, depth=1, heads=2, mlp_ratio=2.0)
    encoder.build((None, 16, 16, 3))
    places = 4 * 4
    attention = 4 * places * 8 * 8 + 2 * places * places * 8
    mlp = 2 * places * 8 * 16
    expected = places * 3 * 8 + attention + mlp
    assert count_multiply_adds(encoder, (None, 16, 16, 3)) == expected


def test_model_counts_its_branches_and_its_head() -> None:
    parts = 0
    model = small_classifier(head="flatten")
    for encoder in (model.position_encoder, model.action_encoder):
        parts += count_multiply_adds(encoder, (None, 16, 16, 3))
    assert count_multiply_adds(model) == parts + 4 * 4 * 8 * 3


def test_a_dict_of_inputs_is_taken() -> None:
    reconstructor = small_reconstructor()
    shapes: dict[str, Any] = {
        "frame": (None, 16, 16, 3),
        "motion": (None, 16, 16, 3),
        "gap": (None, 1),
    }
    encoders = sum(
        count_multiply_adds(encoder, (None, 16, 16, 3))
        for encoder in (reconstructor.position_encoder, reconstructor.action_encoder)
    )
    assert count_multiply_adds(reconstructor, shapes) > encoders


def test_counting_leaves_the_model_as_it_was(rng: np.random.Generator) -> None:
    encoder = ActionEncoder(**{key: SMALL[key] for key in ("filters", "strides")})
    encoder.build((None, 32, 32, 3))
    motion = rng.normal(size=(1, 32, 32, 3)).astype("float32")
    before, weights = keras.ops.convert_to_numpy(encoder(motion)), encoder.get_weights()
    attributes = set(vars(encoder.stem[0]))
    first = count_multiply_adds(encoder, (None, 32, 32, 3))
    assert count_multiply_adds(encoder, (5, 32, 32, 3)) == first
    assert set(vars(encoder.stem[0])) == attributes
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(encoder(motion)), before)
    for ours, theirs in zip(encoder.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_cannot_be_counted_is_said() -> None:
    with pytest.raises(ValueError, match="`model` must be built"):
        count_multiply_adds(keras.layers.Dense(3), (None, 4))
    layer = keras.layers.Conv2D(3, 3)
    layer.build((None, None, None, 3))
    with pytest.raises(ValueError, match="`inputs_shape` must be given"):
        count_multiply_adds(layer)
    with pytest.raises(ValueError, match="`inputs_shape` must be known but for the batch"):
        count_multiply_adds(layer, (None, None, None, 3))
