import numpy as np
import pytest

from keras_ma2mi.layers import ActionCode, LatentPredictor, MetaFormerBlock, MotionFusion
from tests.conformance import check_layer, to_numpy
from tests.reference.cross_attention import cross_attention


@pytest.mark.parametrize("kind", ["add", "gate", "modulate", "cross_attention"])
def test_fusion_conforms(kind: str, rng: np.random.Generator) -> None:
    position, action = rng.normal(size=(2, 2, 4, 4, 6)).astype("float32")
    check_layer(
        lambda **kwargs: MotionFusion(kind, heads=2, **kwargs),
        {"position": position, "action": action},
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


def test_cross_attention_equals_its_numpy_twin(rng: np.random.Generator) -> None:
    position, action = rng.normal(size=(2, 2, 3, 4, 6)).astype("float32")
    fusion = MotionFusion("cross_attention", heads=2)
    fusion.build(position.shape, action.shape)
    for weight in fusion.weights:
        weight.assign(rng.normal(size=weight.shape))
    weights = {weight.path: to_numpy(weight.value)[0] for weight in fusion.weights}
    (fused,) = to_numpy(fusion(position, action))
    np.testing.assert_allclose(fused, cross_attention(position, action, weights), atol=2e-4)


@pytest.mark.parametrize("kind", ["modulate", "cross_attention"])
def test_nothing_of_the_position_passes_a_still_face(kind: str, rng: np.random.Generator) -> None:
    position = rng.normal(size=(1, 4, 4, 8)).astype("float32")
    fusion = MotionFusion(kind)
    fusion.build(position.shape, position.shape)
    for weight in fusion.weights:
        weight.assign(rng.normal(size=weight.shape))
    (fused,) = to_numpy(fusion(position, 0 * position))
    assert (fused == 0).all()


def test_cross_attention_asks_by_position_where_movements_differ(rng: np.random.Generator) -> None:
    one, other, action = rng.normal(size=(3, 1, 4, 4, 8)).astype("float32")
    everywhere = np.broadcast_to(action[:, :1, :1], action.shape)
    fusion = MotionFusion("cross_attention")

    def change(action: np.ndarray) -> float:
        (first,), (second,) = to_numpy(fusion(one, action)), to_numpy(fusion(other, action))
        return float(np.abs(first - second).max())

    assert change(action) > 1e-2
    # With one movement at every place there is nothing to choose from.
    assert change(everywhere) < 1e-5


def test_cross_attention_keeps_how_large_the_movement_was(rng: np.random.Generator) -> None:
    position, action = rng.normal(size=(2, 1, 4, 4, 8)).astype("float32")
    fusion = MotionFusion("cross_attention")
    (strong,), (faint,) = (
        to_numpy(fusion(position, action)),
        to_numpy(fusion(position, 0.1 * action)),
    )
    np.testing.assert_allclose(faint, 0.1 * strong, rtol=1e-3, atol=1e-5)


def test_cross_attention_refuses_uneven_heads_and_unknown_sizes() -> None:
    for shape, heads in (((None, 4, 4, 6), 4), ((None, None, 4, 6), 2)):
        with pytest.raises(ValueError, match="known height and width, and channels that `heads`"):
            MotionFusion("cross_attention", heads).build(shape, shape)


def test_fusion_refuses_maps_of_different_shape() -> None:
    with pytest.raises(ValueError, match="`position` and `action` must have the same"):
        MotionFusion()(np.zeros((1, 4, 4, 6)), np.zeros((1, 4, 4, 5)))


@pytest.mark.parametrize("mixer", ["attention", "convolution"])
def test_block_conforms(mixer: str, rng: np.random.Generator) -> None:
    inputs = rng.normal(size=(2, 4, 4, 8)).astype("float32")
    check_layer(
        lambda **kwargs: MetaFormerBlock(
            mixer, heads=2, mlp_ratio=2.0, drop_path=0.3, seed=1, **kwargs
        ),
        {"inputs": inputs},
    )


@pytest.mark.parametrize("mixer", ["attention", "convolution"])
def test_drop_path_drops_either_branch_of_a_sample(mixer: str) -> None:
    inputs = np.repeat(np.random.default_rng(1).normal(size=(1, 3, 3, 8)), 200, axis=0)
    inputs = inputs.astype("float32")
    plain, dropping = MetaFormerBlock(mixer), MetaFormerBlock(mixer, drop_path=0.5, seed=3)
    (expected,), _ = to_numpy(plain(inputs)), dropping(inputs)
    dropping.set_weights(plain.get_weights())
    np.testing.assert_array_equal(to_numpy(dropping(inputs))[0], expected)
    (trained,) = to_numpy(dropping(inputs, training=True))
    outcomes, counts = np.unique(trained.reshape(200, -1).round(3), axis=0, return_counts=True)
    # Both kept, either kept, none kept: each a quarter, and none kept leaves the input.
    assert len(outcomes) == 4 and counts.min() > 30
    untouched = np.abs(trained - inputs).max(axis=(1, 2, 3)) == 0
    assert 30 < untouched.sum() < 70


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


@pytest.mark.parametrize(
    "options",
    [{"channels": 3}, {"channels": 3, "units": 5}, {"units": 5, "fusion": "modulate"}],
    ids=["places", "face", "fused"],
)
def test_action_code_conforms(options: dict[str, object], rng: np.random.Generator) -> None:
    position, action = rng.normal(size=(2, 2, 4, 4, 6)).astype("float32")
    check_layer(
        lambda **kwargs: ActionCode(**options, **kwargs),
        {"position": position, "action": action},
    )


def test_code_of_the_face_has_a_rank_of_its_units_and_none_for_a_still_face(
    rng: np.random.Generator,
) -> None:
    position, action = rng.normal(size=(2, 40, 4, 4, 6)).astype("float32")
    code = ActionCode(channels=4, units=5, fusion="modulate")
    maps, numbers = to_numpy((code(position, action), code.encode(position, action)))
    assert numbers.shape == (40, 5)
    assert np.linalg.matrix_rank(maps.reshape(40, -1), tol=1e-3) == 5
    (still,) = to_numpy(code(position, 0 * action))
    assert (still == 0).all()


def test_code_of_the_face_needs_a_known_map() -> None:
    with pytest.raises(ValueError, match="known height and width"):
        ActionCode(units=5).build((None, 4, 4, 6), (None, None, 4, 6))


def test_prediction_from_details_and_products_conforms(rng: np.random.Generator) -> None:
    position = rng.normal(size=(2, 4, 4, 6)).astype("float32")
    code = rng.normal(size=(2, 4, 4, 3)).astype("float32")
    detail = rng.normal(size=(2, 4, 4, 12)).astype("float32")
    check_layer(
        lambda **kwargs: LatentPredictor(5, depth=1, mixing="multiply", **kwargs),
        {"position": position, "code": code, "detail": detail},
    )


def test_multiplied_by_no_motion_nothing_stands_anywhere(rng: np.random.Generator) -> None:
    position = rng.normal(size=(2, 4, 4, 6)).astype("float32")
    code = rng.normal(size=(2, 4, 4, 3)).astype("float32")
    detail = rng.normal(size=(2, 4, 4, 12)).astype("float32")
    predictor = LatentPredictor(5, depth=1, mixing="multiply")
    predictor.build(position.shape, code.shape, detail_shape=detail.shape)
    for weight in predictor.weights:
        weight.assign(rng.normal(size=weight.shape))
    still, moved = to_numpy(
        (
            predictor(position, 0 * code, detail=detail),
            predictor(position, code, detail=detail),
        )
    )
    np.testing.assert_allclose(still[0], still[1], atol=1e-4)
    assert np.abs(moved[0] - moved[1]).max() > 0.1
    (others,) = to_numpy(predictor(position, code, detail=detail[::-1].copy()))
    assert np.abs(others - moved).max() > 0.1
