import warnings
from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.models import PRESETS, MIACNet
from tests.conformance import check_model, to_numpy
from tests.keras_ma2mi.drawn_weights import draw_weights
from tests.keras_ma2mi.models.networks import (
    classifier_inputs,
    small_classifier,
    small_reconstructor,
)


def _compiled(**overrides: Any) -> MIACNet:
    model = small_classifier(**overrides)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, jit_compile=keras.backend.backend() == "jax")
    return model


@pytest.mark.parametrize(
    "overrides",
    [
        {"dropout": 0.3},
        {"branches": "action", "motion_scale": 3.0},
        {"branches": "position", "position_kind": "convolution"},
        {"fusion": "gate", "head": "flatten"},
        {"head": "code", "code_units": 3, "motion_floor": 0.05},
    ],
    ids=["both", "action", "position", "gate-flatten", "code"],
)
def test_trains_and_survives_saving(overrides: dict[str, Any], rng: np.random.Generator) -> None:
    model = _compiled(**overrides)
    inputs = classifier_inputs(rng)
    check_model(model, {key: inputs[key] for key in model.input_keys}, np.array([0, 1, 2, 0]))


def test_inputs_it_does_not_need_are_ignored_without_a_warning(rng: np.random.Generator) -> None:
    model = _compiled(branches="action")
    inputs = classifier_inputs(rng)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*structure of `inputs`.*")
        model.fit({**inputs, "gap": np.zeros((4, 1))}, np.zeros(4), verbose=0)
        both = model.predict(inputs, verbose=0)
    alone = model.predict({"motion": inputs["motion"]}, verbose=0)
    np.testing.assert_allclose(both, alone, rtol=1e-6)


def test_each_branch_sees_only_its_input(rng: np.random.Generator) -> None:
    maps = small_classifier().maps
    inputs, other = classifier_inputs(rng), classifier_inputs(rng)
    outputs = maps(inputs)
    with_other_motion = maps({**inputs, "motion": other["motion"]})
    with_other_onset = maps({**inputs, "onset": other["onset"]})
    for first, second, changed in (
        ("position_map", with_other_motion, False),
        ("position_map", with_other_onset, True),
        ("action_map", with_other_motion, True),
        ("action_map", with_other_onset, False),
    ):
        a, b = to_numpy((outputs[first], second[first]))
        assert np.any(a != b) == changed


def test_maps_are_named_and_share_the_weights(rng: np.random.Generator) -> None:
    model = small_classifier()
    outputs = model.maps(classifier_inputs(rng))
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        "position_map": (4, 4, 4, 8),
        "action_map": (4, 4, 4, 8),
        "attention_0": (4, 8, 8, 1),
        "attention_1": (4, 4, 4, 1),
        "fused": (4, 4, 4, 8),
        "logits": (4, 3),
    }
    position, action, fused = to_numpy(
        [outputs[name] for name in ("position_map", "action_map", "fused")]
    )
    np.testing.assert_allclose(fused, position + action, rtol=1e-6)
    assert {id(weight) for weight in model.maps.weights} == {id(w) for w in model.weights}
    assert model.maps is model.maps


def test_looking_at_the_maps_does_not_change_what_is_saved(tmp_path: Any) -> None:
    model = small_classifier()
    model.save_weights(tmp_path / "before.weights.h5")
    assert model.maps is not None
    model.save_weights(tmp_path / "after.weights.h5")
    fresh = small_classifier()
    for name in ("before", "after"):
        fresh.load_weights(tmp_path / f"{name}.weights.h5")
        for ours, theirs in zip(model.get_weights(), fresh.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("name", "inputs", "fused", "parameters"),
    [
        ("miacnet_base", ("onset", "motion"), (14, 14, 512), 9_244_647),
        ("miacnet_small", ("onset", "motion"), (14, 14, 192), 1_396_853),
        ("miacnet_tiny", ("onset", "motion"), (8, 8, 64), 147_877),
        ("miacnet_motion28", ("motion",), (7, 7, 64), 51_429),
    ],
)
def test_presets_have_their_inputs_maps_and_sizes(
    name: str, inputs: tuple[str, ...], fused: tuple[int, ...], parameters: int
) -> None:
    model = MIACNet.from_preset(name, num_classes=3)
    size = PRESETS[name]["config"]["input_size"]
    assert model.input_keys == inputs
    assert all(tuple(tensor.shape) == (None, size, size, 3) for tensor in model.inputs)
    assert tuple(model.maps.output["fused"].shape) == (None, *fused)
    assert model.count_params() == parameters


def test_every_preset_is_tested() -> None:
    assert set(PRESETS) == {"miacnet_base", "miacnet_small", "miacnet_tiny", "miacnet_motion28"}


def test_preset_arguments_can_be_replaced() -> None:
    model = MIACNet.from_preset("miacnet_tiny", 3, input_size=128, branches="action")
    assert model.input_keys == ("motion",)
    assert model.maps.output["fused"].shape == (None, 16, 16, 64)


@pytest.mark.parametrize("input_size", [28, 448])
def test_sizes_that_the_strides_allow_are_taken(input_size: int) -> None:
    model = small_classifier(input_size=input_size)
    assert model.maps.output["fused"].shape[1] == input_size // 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_size": 30}, r"`input_size` must be a multiple of 4 .* for example 28 or 32"),
        ({"input_size": 4}, r"`input_size` must be a multiple of 4 .* at least 8"),
        ({"branches": "motion"}, "`branches` must be one of 'both', 'position', 'action'"),
        ({"head": "linear"}, "`head` must be one of"),
        ({"fusion": "multiply"}, "`kind` must be one of 'add', 'gate'"),
        ({"dropout": 1.0}, "`dropout` must be in the range"),
        ({"num_classes": 0}, "`num_classes` must be positive"),
        ({"position_heads": 3}, "`heads` must divide `channels`"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_classifier(**arguments)


def test_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="miacnet_base"):
        MIACNet.from_preset("miacnet_huge", num_classes=3)


def test_mixed_precision_gives_logits_in_float32(rng: np.random.Generator) -> None:
    model = small_classifier(dtype="mixed_float16")
    outputs = model.maps(classifier_inputs(rng))
    assert keras.backend.standardize_dtype(outputs["fused"].dtype) == "float16"
    assert keras.backend.standardize_dtype(outputs["logits"].dtype) == "float32"
    revived = MIACNet.from_config(model.get_config())
    assert revived.dtype_policy.name == "mixed_float16"


def test_pretrained_encoders_are_loaded(rng: np.random.Generator) -> None:
    reconstructor, model = small_reconstructor(), small_classifier()
    inputs = classifier_inputs(rng)
    model.load_encoders(reconstructor)
    outputs = model.maps(inputs)
    for name, encoder, key in (
        ("position_map", reconstructor.position_encoder, "onset"),
        ("action_map", reconstructor.action_encoder, "motion"),
    ):
        ours, theirs = to_numpy((outputs[name], encoder(inputs[key])))
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("branches", ["both", "action", "position"])
def test_another_classifier_gives_all_but_its_last_step(branches: str) -> None:
    options = {"head": "code", "code_units": 5, "fusion": "modulate", "branches": branches}
    source, model = small_classifier(**options), small_classifier(**options)
    draw_weights(source)
    before = model.get_layer("logits").get_weights()
    model.load_encoders(source)
    theirs = {layer.name: layer for layer in source.layers}
    for layer in model.layers:
        wanted = before if layer.name == "logits" else theirs[layer.name].get_weights()
        for ours, given in zip(layer.get_weights(), wanted, strict=True):
            np.testing.assert_array_equal(ours, given)


def test_one_branch_takes_no_code_of_two() -> None:
    source = small_classifier(head="code", code_units=5, fusion="modulate")
    model = small_classifier(head="code", code_units=5, branches="action")
    before = model.get_layer("code").get_weights()[0].copy()
    model.load_encoders(source)
    np.testing.assert_array_equal(model.get_layer("code").get_weights()[0], before)


@pytest.mark.parametrize("branches", ["both", "action"])
def test_pretrained_code_is_loaded_and_only_the_last_step_is_new(
    branches: str, rng: np.random.Generator
) -> None:
    fusion = "modulate" if branches == "both" else None
    reconstructor = small_reconstructor(code_units=5, fusion=fusion)
    draw_weights(reconstructor)
    model = small_classifier(head="code", code_units=5, fusion="modulate", branches=branches)
    model.load_encoders(reconstructor)
    inputs = classifier_inputs(rng)
    outputs = model.maps(inputs)
    code = model.get_layer("code")(model.get_layer("flatten")(outputs["fused"]))
    encoders = reconstructor.position_encoder, reconstructor.action_encoder
    position, action = (
        encoder(inputs[key]) for encoder, key in zip(encoders, ("onset", "motion"), strict=True)
    )
    ours, theirs = to_numpy((code, reconstructor.action_code.encode(position, action)))
    assert ours.shape == (4, 5)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "overrides", "message"),
    [
        ({"code_units": 5}, {"head": "code", "code_units": 5}, "without fusion, branches='both'"),
        (
            {"code_units": 5, "fusion": "modulate"},
            {"head": "code", "code_units": 5, "branches": "action"},
            "with fusion, branches='action'",
        ),
        ({"code_units": 5, "fusion": "add"}, {"fusion": "modulate"}, "`fusion` must have kind="),
        (
            {"code_units": 5, "fusion": "add"},
            {"head": "code", "code_units": 6},
            "`code` must have units=6",
        ),
    ],
)
def test_a_code_that_does_not_fit_is_refused(
    options: dict[str, Any], overrides: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        small_classifier(**overrides).load_encoders(small_reconstructor(**options))


def test_a_reconstructor_without_a_code_of_the_face_leaves_the_head_alone() -> None:
    model = small_classifier(head="code")
    before = model.get_layer("code").get_weights()[0].copy()
    model.load_encoders(small_reconstructor())
    np.testing.assert_array_equal(model.get_layer("code").get_weights()[0], before)


def _check_same_weights(ours: Any, theirs: Any) -> None:
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_branch_loads_one_encoder() -> None:
    reconstructor, model = small_reconstructor(), small_classifier(branches="action")
    model.load_encoders(reconstructor)
    _check_same_weights(model.action_encoder, reconstructor.action_encoder)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"filters": (4, 12)}, r"`action_encoder` must have filters=\[4, 12\].*=\[4, 8\]"),
        ({"position_kind": "convolution"}, "`position_encoder` must have kind='convolution'"),
        ({"motion_scale": 2.0}, "`action_encoder` must have motion_scale=2.0"),
        ({"motion_floor": 0.1}, "`action_encoder` must have motion_floor=0.1"),
        ({"motion_channels": 6}, "motion_channels"),
        ({"input_size": 32}, "`position_encoder` must have grid=8"),
    ],
)
def test_encoders_that_do_not_fit_are_refused_by_name(
    overrides: dict[str, Any], message: str
) -> None:
    branches = "action" if "filters" in overrides else "both"
    model = small_classifier(**overrides, branches=branches)
    with pytest.raises(ValueError, match=message):
        model.load_encoders(small_reconstructor())


def test_stochastic_depth_acts_in_training_alone_and_needs_no_other_weights(
    rng: np.random.Generator,
) -> None:
    plain, dropping = small_classifier(), small_classifier(position_drop_path=0.9)
    dropping.set_weights(plain.get_weights())
    inputs = classifier_inputs(rng, batch=16)
    np.testing.assert_allclose(
        dropping.predict(inputs, verbose=0), plain.predict(inputs, verbose=0), atol=1e-6
    )
    maps = [
        keras.ops.convert_to_numpy(model.position_encoder(inputs["onset"], training=True))
        for model in (plain, dropping)
    ]
    assert np.abs(maps[0] - maps[1]).max() > 1e-3


def test_encoders_trained_without_stochastic_depth_load_into_a_model_with_it() -> None:
    reconstructor = small_reconstructor()
    model = small_classifier(position_drop_path=0.2)
    model.load_encoders(reconstructor)
    _check_same_weights(model.position_encoder, reconstructor.position_encoder)


def test_heads_of_the_fusion_divide_the_channels(rng: np.random.Generator) -> None:
    model = small_classifier(fusion="cross_attention", fusion_heads=2)
    assert model.predict(classifier_inputs(rng), verbose=0).shape == (4, 3)
    with pytest.raises(ValueError, match="heads=3"):
        small_classifier(fusion="cross_attention", fusion_heads=3)
