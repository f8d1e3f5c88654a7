import json
import re
from math import prod
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.models import PRESETS, MIACNet, preset_table
from keras_ma2mi.models.encoder_options import EncoderOptions
from tests.keras_ma2mi.models.networks import classifier_inputs, small_classifier

FILES = ("config.json", "metadata.json", "model.weights.h5")


def outputs_of(model: MIACNet, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(model.predict(classifier_inputs(rng), verbose=0))


def trained_classifier(rng: np.random.Generator, **overrides: Any) -> MIACNet:
    """A model whose weights and statistics are none that an initialiser would give."""
    model = small_classifier(**overrides)
    model.set_weights(
        [value + rng.uniform(0.01, 0.1, value.shape) for value in model.get_weights()]
    )
    return model


def assert_same_weights(ours: Any, theirs: Any) -> None:
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


# --- named sizes -------------------------------------------------------------------------------


def test_table_tells_size_and_cost_of_each_preset() -> None:
    rows = {row["name"]: row for row in preset_table(num_classes=3)}
    assert set(rows) == set(PRESETS)
    assert {
        name: (row["input_size"], row["map_shape"], row["parameters"], row["multiply_adds"])
        for name, row in rows.items()
    } == {
        "miacnet_base": (224, (14, 14, 512), 9_244_647, 7_211_478_568),
        "miacnet_small": (112, (14, 14, 192), 1_396_853, 415_390_248),
        "miacnet_tiny": (64, (8, 8, 64), 147_877, 11_444_992),
        "miacnet_motion28": (28, (7, 7, 64), 51_429, 5_931_058),
    }


def test_number_of_classes_is_asked_for() -> None:
    with pytest.raises(ValueError, match="`num_classes` must be given for a named preset"):
        MIACNet.from_preset("miacnet_tiny")


@pytest.mark.parametrize("name", PRESETS)
def test_every_size_from_28_to_448_is_taken_or_refused_with_two_that_are(name: str) -> None:
    config = PRESETS[name]["config"]
    total = prod(config["stem_strides"]) * prod(config["strides"])
    taken = set()
    for size in range(28, 449):
        try:
            options = EncoderOptions.from_config({**config, "input_size": size})
        except ValueError as error:
            found = re.search(
                r"for example (\d+) or (\d+)\. Received: input_size=(\d+)", str(error)
            )
            assert found, error
            lower, upper, received = map(int, found.groups())
            assert received == size and lower % total == upper % total == 0
            assert 2 * total <= lower < upper
        else:
            taken.add(size)
            assert options.grid == size // total
    assert taken == {size for size in range(28, 449) if size % total == 0 and size >= 2 * total}


@pytest.mark.parametrize("input_size", [28, 36, 64, 100, 112, 224, 300, 448])
def test_maps_of_every_size_fit_each_other(input_size: int) -> None:
    model = small_classifier(
        input_size=input_size, stem_filters=(2,), filters=(2, 2), fusion="gate", head="flatten"
    )
    grid = input_size // 4
    for name in ("position_map", "action_map", "fused"):
        assert tuple(model.maps.output[name].shape) == (None, grid, grid, 2)
    assert tuple(model.maps.output["attention_0"].shape) == (None, 2 * grid, 2 * grid, 1)
    assert tuple(model.output.shape) == (None, 3)


@pytest.mark.parametrize("input_size", [28, 60])
def test_odd_grids_compute_what_their_shapes_promise(input_size: int) -> None:
    model = small_classifier(input_size=input_size, head="flatten")
    frames = np.zeros((1, input_size, input_size, 3), "float32")
    outputs = model.maps({"onset": frames, "motion": frames})
    for name, tensor in outputs.items():
        assert tuple(tensor.shape)[1:] == tuple(model.maps.output[name].shape)[1:]


@pytest.mark.parametrize("argument", ["num_classes", "input_size", "motion_channels"])
def test_sizes_must_be_whole_numbers(argument: str) -> None:
    for wrong in (16.0, (16, 16), "16"):
        with pytest.raises(ValueError, match=f"`{argument}` must be an int"):
            small_classifier(**{argument: wrong})


def test_whole_numbers_of_numpy_are_taken() -> None:
    model = small_classifier(num_classes=np.max([0, 4, 2]) + 1)
    assert json.loads(json.dumps(model.get_config()))["num_classes"] == 5


# --- folders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "overrides",
    [{"head": "flatten", "dropout": 0.3, "fusion": "gate"}, {"branches": "action", "name": "mine"}],
    ids=["both", "action"],
)
def test_saved_folder_gives_the_same_model(
    overrides: dict[str, Any], tmp_path: Path, rng: np.random.Generator
) -> None:
    model = trained_classifier(rng, **overrides)
    # A compiled model, with a loss that is no part of what is saved.
    model.compile("sgd", lambda y, logits: keras.ops.sum(logits))
    folder = tmp_path / "models" / "mine"
    model.save_to_preset(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    metadata = json.loads((folder / "metadata.json").read_text())
    assert metadata["parameter_count"] == model.count_params()

    for preset in (folder, str(folder)):
        revived = MIACNet.from_preset(preset)
        assert revived.get_config() == model.get_config()
        inputs = np.random.default_rng(1)
        expected = outputs_of(model, np.random.default_rng(1))
        np.testing.assert_allclose(outputs_of(revived, inputs), expected, rtol=1e-6, atol=1e-6)


def test_saving_again_replaces_the_model(tmp_path: Path, rng: np.random.Generator) -> None:
    trained_classifier(rng).save_to_preset(tmp_path)
    model = trained_classifier(rng, filters=(4, 6))
    model.save_to_preset(tmp_path)
    assert_same_weights(MIACNet.from_preset(tmp_path), model)


def test_code_outlasts_a_new_number_of_classes_but_not_a_new_width(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    model = trained_classifier(rng, head="code", code_units=6)
    model.save_to_preset(tmp_path)
    code = model.get_layer("code").get_weights()[0]
    other = MIACNet.from_preset(tmp_path, num_classes=5)
    np.testing.assert_array_equal(other.get_layer("code").get_weights()[0], code)
    wider = MIACNet.from_preset(tmp_path, code_units=9)
    assert wider.get_layer("code").units == 9
    assert_same_weights(wider.action_encoder, model.action_encoder)
    assert MIACNet.from_preset(tmp_path, head="flatten").head == "flatten"


def test_other_number_of_classes_gives_a_new_head_on_loaded_branches(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    model = trained_classifier(rng, fusion="gate", head="flatten")
    model.save_to_preset(tmp_path)
    other = MIACNet.from_preset(tmp_path, num_classes=5)
    assert other.num_classes == 5 and other.output.shape == (None, 5)
    for name in ("position_encoder", "action_encoder", "fusion"):
        assert_same_weights(other.get_layer(name), model.get_layer(name))
    np.testing.assert_array_equal(other.get_layer("logits").get_weights()[1], np.zeros(5))


def test_same_number_of_classes_keeps_the_head(tmp_path: Path, rng: np.random.Generator) -> None:
    model = trained_classifier(rng)
    model.save_to_preset(tmp_path)
    assert_same_weights(MIACNet.from_preset(tmp_path, num_classes=3), model)


def test_overrides_without_weights_keep_all_weights(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    model = trained_classifier(rng)
    model.save_to_preset(tmp_path)
    other = MIACNet.from_preset(
        tmp_path, dropout=0.5, name="other", dtype="mixed_float16", strides=(1, 2)
    )
    assert (other.name, other.dtype_policy.name) == ("other", "mixed_float16")
    assert_same_weights(other, model)


def test_overrides_that_need_other_weights_are_refused_or_untrained(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    trained_classifier(rng).save_to_preset(tmp_path)
    with pytest.raises(ValueError, match=r"`filters` must be \[4, 8\].*load_weights=False"):
        MIACNet.from_preset(tmp_path, filters=(4, 12))
    model = MIACNet.from_preset(tmp_path, load_weights=False, filters=(4, 12))
    assert model.get_config()["filters"] == [4, 12]


def test_name_of_a_preset_is_a_folder_only_as_a_path(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = trained_classifier(rng)
    model.save_to_preset("miacnet_tiny")
    assert MIACNet.from_preset("miacnet_tiny", 3).count_params() != model.count_params()
    for preset in ("./miacnet_tiny", Path("miacnet_tiny")):
        assert_same_weights(MIACNet.from_preset(preset), model)


def test_folder_that_is_none_is_refused_with_what_there_is(tmp_path: Path) -> None:
    for preset in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ValueError, match=r"'miacnet_base'.*or a folder written by"):
            MIACNet.from_preset(preset)


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(name: str, tmp_path: Path) -> None:
    small_classifier().save_to_preset(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ValueError, match=f"lacks {re.escape(name)}: copy the whole folder again"):
        MIACNet.from_preset(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_damaged_file_is_named(name: str, tmp_path: Path) -> None:
    small_classifier().save_to_preset(tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=f"{re.escape(name)}.*save it anew"):
        MIACNet.from_preset(tmp_path)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    small_classifier().save_to_preset(tmp_path / "one")
    small_classifier(filters=(4, 12)).save_to_preset(tmp_path / "other")
    (tmp_path / "other" / "model.weights.h5").replace(tmp_path / "one" / "model.weights.h5")
    with pytest.raises(ValueError, match=r"does not hold the weights of config\.json"):
        MIACNet.from_preset(tmp_path / "one")


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("metadata.json", {"format_version": 99}, "version 99, and this keras-ma2mi reads"),
        ("metadata.json", {"format": "other"}, "is of format 'other'"),
        ("config.json", {"class_name": "Other"}, "must describe a MIACNet.*class_name='Other'"),
    ],
)
def test_other_versions_and_classes_are_refused(
    file: str, change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    small_classifier().save_to_preset(tmp_path)
    content = json.loads((tmp_path / file).read_text())
    (tmp_path / file).write_text(json.dumps({**content, **change}))
    with pytest.raises(ValueError, match=message):
        MIACNet.from_preset(tmp_path)


def test_a_save_that_was_cut_off_does_not_load_as_a_mixture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_classifier().save_to_preset(tmp_path)

    def cut_off(self: Any, path: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MIACNet, "save_weights", cut_off)
    with pytest.raises(KeyboardInterrupt):
        small_classifier(dropout=0.5).save_to_preset(tmp_path)
    with pytest.raises(ValueError, match=r"lacks metadata\.json"):
        MIACNet.from_preset(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("")
    with pytest.raises(ValueError, match="`directory` must be a folder"):
        small_classifier().save_to_preset(tmp_path / "model")
