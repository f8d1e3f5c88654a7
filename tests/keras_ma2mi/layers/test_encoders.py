from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.layers import ActionEncoder, PositionEncoder
from keras_ma2mi.layers.relative_size import relative_size
from tests.conformance import check_layer, to_numpy

SMALL: dict[str, Any] = {
    "stem_filters": (4, 6),
    "stem_strides": (2, 1),
    "filters": (6, 8),
    "strides": (1, 2),
}


def test_action_encoder_conforms(rng: np.random.Generator) -> None:
    motion = rng.normal(size=(2, 16, 16, 3)).astype("float32")
    check_layer(lambda **kwargs: ActionEncoder(**SMALL, **kwargs), {"motion": motion})


def test_action_encoder_with_attention_maps_and_code_conforms(rng: np.random.Generator) -> None:
    motion = rng.normal(size=(2, 16, 16, 6)).astype("float32")
    check_layer(
        lambda **kwargs: ActionEncoder(**SMALL, code_channels=2, return_attention=True, **kwargs),
        {"motion": motion},
    )


def test_action_encoder_returns_one_attention_map_a_block(rng: np.random.Generator) -> None:
    motion = rng.normal(size=(2, 16, 16, 3)).astype("float32")
    action, attention_maps = ActionEncoder(**SMALL, return_attention=True)(motion)
    assert tuple(action.shape) == (2, 4, 4, 8)
    assert [tuple(attention.shape) for attention in attention_maps] == [(2, 8, 8, 1), (2, 4, 4, 1)]
    for attention in to_numpy(attention_maps):
        assert (attention >= 0).all() and (attention <= 1).all()


def test_action_encoder_defaults_give_the_map_of_mmnet() -> None:
    shape = ActionEncoder().compute_output_shape((None, 224, 224, 3))
    assert shape == (None, 14, 14, 512)


def test_action_encoder_keeps_how_large_the_movement_was(rng: np.random.Generator) -> None:
    """Never scaled image by image: a hundredth of the motion gives a hundredth of the map."""
    motion = rng.normal(size=(1, 16, 16, 3)).astype("float32")
    encoder = ActionEncoder(**SMALL)
    encoder.build(motion.shape)
    for block in encoder.blocks:
        # Attention depends on the motion too; without weights it is one half everywhere.
        block.attention.kernel.assign(np.zeros(block.attention.kernel.shape))
    (action,) = to_numpy(encoder(np.concatenate([motion, 0.01 * motion])))
    assert np.abs(action[0]).max() > 1e-3
    np.testing.assert_allclose(action[1], 0.01 * action[0], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_with_a_floor_large_and_small_movements_look_alike_and_noise_stays_small(
    dtype: str, rng: np.random.Generator
) -> None:
    pattern = rng.normal(size=(1, 8, 8, 3)).astype(dtype)
    small, large, faint = (
        to_numpy(relative_size(keras.ops.convert_to_tensor(size * pattern), 0.01))[0]
        for size in np.array([1.0, 30.0, 0.001], dtype)
    )
    np.testing.assert_allclose(small, large, rtol=0.02)
    np.testing.assert_allclose(small, pattern / (np.sqrt((pattern**2).mean()) + 0.01), rtol=5e-3)
    assert np.abs(faint).max() < 0.12 * np.abs(small).max()
    encoder = ActionEncoder(
        stem_filters=(4,), stem_strides=(2,), filters=(4,), strides=(1,), motion_floor=1e-4
    )
    maps = [to_numpy(encoder(size * pattern.astype("float32")))[0] for size in (1.0, 30.0)]
    np.testing.assert_allclose(*maps, rtol=1e-2, atol=1e-4)


def test_motion_scale_multiplies_the_motion(rng: np.random.Generator) -> None:
    motion = rng.normal(size=(1, 16, 16, 3)).astype("float32")
    plain, scaled = ActionEncoder(**SMALL), ActionEncoder(**SMALL, motion_scale=4.0)
    plain.build(motion.shape)
    scaled.build(motion.shape)
    scaled.set_weights(plain.get_weights())
    (expected,), (actual,) = to_numpy(plain(4.0 * motion)), to_numpy(scaled(motion))
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def test_faint_motion_is_normalised_in_training(rng: np.random.Generator) -> None:
    """Motion of a thousandth of the range must not drown in the epsilon of the normalisation."""
    motion = rng.normal(size=(8, 16, 16, 3)).astype("float32")
    encoder = ActionEncoder(**SMALL)
    (strong,) = to_numpy(encoder(motion, training=True))
    (faint,) = to_numpy(encoder(0.01 * motion, training=True))
    assert np.abs(faint).mean() > 0.8 * np.abs(strong).mean()


def test_action_encoder_refuses_sizes_its_strides_do_not_divide() -> None:
    with pytest.raises(ValueError, match="multiples of 4"):
        ActionEncoder(**SMALL)(np.zeros((1, 18, 16, 3), "float32"))


def test_action_encoder_refuses_unequal_numbers_of_stages() -> None:
    with pytest.raises(ValueError, match="`filters` and `strides`"):
        ActionEncoder(filters=(8, 8), strides=(1,))


@pytest.mark.parametrize("kind", ["transformer", "convolution"])
def test_position_encoder_conforms(kind: str, rng: np.random.Generator) -> None:
    frame = rng.uniform(size=(2, 16, 16, 3)).astype("float32")
    check_layer(
        lambda **kwargs: PositionEncoder(
            kind, grid=4, channels=8, depth=1, heads=2, mlp_ratio=2.0, **kwargs
        ),
        {"frame": frame},
    )


def test_position_encoder_drops_later_blocks_more_often(rng: np.random.Generator) -> None:
    frame = rng.uniform(size=(2, 16, 16, 3)).astype("float32")
    encoder = PositionEncoder(grid=4, channels=8, depth=3, drop_path=0.3, seed=5)
    check_layer(
        lambda **kwargs: PositionEncoder(
            "convolution", grid=4, channels=8, depth=1, drop_path=0.3, seed=5, **kwargs
        ),
        {"frame": frame},
    )
    encoder.build(frame.shape)
    np.testing.assert_allclose([block.drop_path for block in encoder.blocks], [0.1, 0.2, 0.3])
    seeds = [drop.seed for block in encoder.blocks for drop in (block.mixer_drop, block.mlp_drop)]
    assert len(set(seeds)) == 6


def test_position_encoder_without_drop_path_is_the_same_in_training(
    rng: np.random.Generator,
) -> None:
    frame = rng.uniform(size=(2, 16, 16, 3)).astype("float32")
    encoder = PositionEncoder(grid=4, channels=8)
    (inference,), (training,) = to_numpy(encoder(frame)), to_numpy(encoder(frame, training=True))
    np.testing.assert_array_equal(training, inference)
    assert all("seed" not in variable.path for variable in encoder.variables)


def test_position_encoder_in_half_precision_tells_neighbouring_greys_apart() -> None:
    """Rounded to bfloat16 as it comes in, a frame loses what is finer than 1/256."""
    grey, neighbour = (np.full((1, 8, 8, 3), value, "float32") for value in (0.5, 0.5015))
    encoder = PositionEncoder(grid=4, channels=8, depth=1, dtype="mixed_bfloat16")
    (one,), (other,) = to_numpy(encoder(grey)), to_numpy(encoder(neighbour))
    assert (one != other).any()


def test_position_encoder_sees_only_the_mean_of_each_place(rng: np.random.Generator) -> None:
    """Detail finer than the grid must not reach the position branch."""
    coarse = rng.uniform(0.3, 0.7, size=(1, 4, 4, 3)).astype("float32").repeat(4, 1).repeat(4, 2)
    checkerboard = np.indices((16, 16)).sum(axis=0) % 2 - 0.5
    fine = coarse + 0.2 * checkerboard[None, :, :, None].astype("float32")
    encoder = PositionEncoder(grid=4, channels=8, depth=1)
    (plain,), (detailed,) = to_numpy(encoder(coarse)), to_numpy(encoder(fine))
    np.testing.assert_allclose(detailed, plain, atol=1e-4)


def test_position_encoder_tells_places_of_equal_colour_apart() -> None:
    encoder = PositionEncoder(grid=4, channels=8, depth=1)
    (position,) = to_numpy(encoder(np.full((1, 8, 8, 3), 0.5, "float32")))
    vectors = position.reshape(16, 8)
    assert len(np.unique(np.round(vectors, 4), axis=0)) == 16


def test_position_encoder_refuses_a_grid_that_does_not_divide_the_frame() -> None:
    with pytest.raises(ValueError, match="multiples of grid=5"):
        PositionEncoder(grid=5, channels=8)(np.zeros((1, 16, 16, 3), "float32"))


def test_position_encoder_refuses_unknown_kinds_and_uneven_heads() -> None:
    with pytest.raises(ValueError, match="`kind` must be one of"):
        PositionEncoder("recurrent")
    with pytest.raises(ValueError, match="`heads` must divide"):
        PositionEncoder(channels=10, heads=4)
