import numpy as np
import pytest

from keras_ma2mi.layers import LatentPredictor, MetaFormerBlock, MotionFusion
from tests.conformance import check_layer, to_numpy


@pytest.mark.parametrize("kind", ["add", "gate", "modulate"])
def test_fusion_conforms(kind: str, rng: np.random.Generator) -> None:
    position, action = rng.normal(size=(2, 2, 4, 4, 6)).astype("float32")
    check_layer(
        lambda **kwargs: MotionFusion(kind, **kwargs), {"position": position, "action": action}
    )


def test_addition_adds(rng: np.random.Generator) -> None:
    position, action = rng.normal(size=(2, 1, 4, 4, 6)).astype("float32")
    (fused,) = to_numpy(MotionFusion("add")(position, action))
    np.testing.assert_allclose(fused, position + action, rtol=1e-6)


def test_gate_adds_at_most_the_action(rng: np.random.Generator) -> None:
    position, action = rng.normal(size=(2, 1, 4, 4, 6)).astype("float32")
    (fused,) = to_numpy(MotionFusion("gate")(position, action))
    share = (fused - position) / action
    assert (share > 0).all() and (share < 1).all()


def test_modulation_starts_as_the_action_and_never_shows_the_position_alone(
    rng: np.random.Generator,
) -> None:
    position, action = rng.normal(size=(2, 1, 4, 4, 6)).astype("float32")
    fusion = MotionFusion("modulate")
    (fresh,) = to_numpy(fusion(position, action))
    np.testing.assert_allclose(fresh, action, rtol=1e-6)
    fusion.gate.kernel.assign(rng.normal(size=(6, 6)))
    (weighed,), (still,) = (
        to_numpy(fusion(position, action)),
        to_numpy(fusion(position, 0 * action)),
    )
    assert (still == 0).all()
    assert (weighed / action > 0).all() and (weighed / action < 2).all()
    assert np.ptp(weighed / action) > 0.5


def test_fusion_refuses_maps_of_different_shape() -> None:
    with pytest.raises(ValueError, match="`position` and `action` must have the same"):
        MotionFusion()(np.zeros((1, 4, 4, 6)), np.zeros((1, 4, 4, 5)))


@pytest.mark.parametrize("mixer", ["attention", "convolution"])
def test_block_conforms(mixer: str, rng: np.random.Generator) -> None:
    inputs = rng.normal(size=(2, 4, 4, 8)).astype("float32")
    check_layer(
        lambda **kwargs: MetaFormerBlock(mixer, heads=2, mlp_ratio=2.0, **kwargs),
        {"inputs": inputs},
    )


def test_attention_mixes_all_places_and_convolution_only_neighbours() -> None:
    inputs = np.random.default_rng(1).normal(size=(1, 9, 9, 8)).astype("float32")
    changed = inputs.copy()
    changed[0, 4, 4] += 1.0
    reach = {}
    for mixer in ("attention", "convolution"):
        block = MetaFormerBlock(mixer)
        (before,), (after,) = to_numpy(block(inputs)), to_numpy(block(changed))
        moved = np.abs(after - before).max(axis=-1)[0] > 1e-7
        reach[mixer] = np.argwhere(moved)
    assert reach["attention"].min() == 0 and reach["attention"].max() == 8
    assert reach["convolution"].min() == 3 and reach["convolution"].max() == 5


def test_predictor_conforms(rng: np.random.Generator) -> None:
    check_layer(
        lambda **kwargs: LatentPredictor(5, channels=8, depth=1, **kwargs),
        {
            "position": rng.normal(size=(2, 4, 4, 6)).astype("float32"),
            "code": rng.normal(size=(2, 4, 4, 3)).astype("float32"),
            "gap": rng.uniform(0.05, 0.4, size=(2, 1)).astype("float32"),
        },
    )


def test_prediction_depends_on_each_input(rng: np.random.Generator) -> None:
    predictor = LatentPredictor(5, depth=1)
    predictor.build((1, 4, 4, 6), (1, 4, 4, 3), (1, 1))
    predictor.head.kernel.assign(rng.normal(size=(6, 5)))
    position = rng.normal(size=(1, 4, 4, 6)).astype("float32")
    code = rng.normal(size=(1, 4, 4, 3)).astype("float32")
    gap = np.full((1, 1), 0.1, "float32")
    (plain,) = to_numpy(predictor(position, code, gap=gap))
    for changed in (
        predictor(position + rng.normal(size=position.shape).astype("float32"), code, gap=gap),
        predictor(position, 0 * code, gap=gap),
        predictor(position, code, gap=4 * gap),
    ):
        assert np.abs(to_numpy(changed)[0] - plain).max() > 1e-3
