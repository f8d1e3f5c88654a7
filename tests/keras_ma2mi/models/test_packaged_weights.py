"""Weights that come with the package: they load everywhere, and answer as where they were made."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_ma2mi.models import WEIGHTS, MIACNet, weights_folder
from keras_ma2mi.models.packaged_weights import start_folder, weights_facts


def checked_inputs(name: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    with np.load(weights_folder(name) / "check.npz") as arrays:
        batch = {
            "onset": arrays["onset"].astype(np.float32) / 255.0,
            "motion": arrays["motion"].astype(np.float32),
        }
        return batch, arrays["probabilities"]


def probabilities_of(model: MIACNet, name: str, batch: dict[str, np.ndarray]) -> np.ndarray:
    needed = {key: batch[key] for key in model.input_keys}
    logits = np.asarray(model.predict_on_batch(needed), np.float64)
    if weights_facts(name)["action_units"]:
        return 1 / (1 + np.exp(-logits))
    values = np.exp(logits - logits.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)


def layers_of(model: Any) -> dict[str, list[np.ndarray]]:
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def equal_layers(one: MIACNet, other: MIACNet) -> set[str]:
    ours, theirs = layers_of(one), layers_of(other)
    return {
        name
        for name in ours.keys() & theirs.keys()
        if all(
            a.shape == b.shape and (a == b).all()
            for a, b in zip(ours[name], theirs[name], strict=True)
        )
    }


@pytest.mark.parametrize("name", WEIGHTS)
def test_answers_are_those_of_where_they_were_made(name: str) -> None:
    model = MIACNet.from_preset(name)
    batch, expected = checked_inputs(name)
    np.testing.assert_allclose(probabilities_of(model, name, batch), expected, atol=1e-4)
    assert model.num_classes == expected.shape[1] == len(weights_facts(name)["classes"])


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_new_head_goes_on_the_pretrained_layers(name: str) -> None:
    classes = len(weights_facts(name)["classes"])
    start = MIACNet.from_preset(start_folder(weights_folder(name)))
    for count in (3, classes):
        model = MIACNet.from_preset(name, num_classes=count)
        assert model.num_classes == count
        assert equal_layers(model, start) == set(layers_of(start)) - {"logits"}


def test_without_weights_only_the_arguments_are_taken() -> None:
    name = "miacnet_motion28_rendered"
    trained, fresh = (MIACNet.from_preset(name, load_weights=load) for load in (True, False))
    arguments = trained.get_config(), fresh.get_config()
    assert arguments[0] == arguments[1]
    assert "action_encoder" not in equal_layers(trained, fresh)


def test_another_dtype_keeps_the_answers() -> None:
    name = "miacnet_motion28_rendered"
    batch, expected = checked_inputs(name)
    model = MIACNet.from_preset(name, dtype="mixed_bfloat16")
    np.testing.assert_allclose(probabilities_of(model, name, batch), expected, atol=0.1)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    folder = weights_folder("miacnet_motion28_rendered")
    for name in ("config.json", "metadata.json", "model.weights.h5"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    MIACNet.from_preset(tmp_path)
    content = bytearray((tmp_path / "model.weights.h5").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "model.weights.h5").write_bytes(content)
    with pytest.raises(ValueError, match="its checksum is not that of"):
        MIACNet.from_preset(tmp_path)


def test_unknown_names_are_told_the_known_ones() -> None:
    with pytest.raises(ValueError, match="miacnet_tiny_rendered"):
        MIACNet.from_preset("miacnet_tiny_renderd")
    with pytest.raises(ValueError, match="`name` must be one of"):
        weights_folder("miacnet_tiny")
