from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.explain import class_contribution_maps
from tests.keras_ma2mi.models.networks import classifier_inputs, small_classifier


@pytest.mark.parametrize("head", ["pool", "flatten", "code"])
def test_contributions_sum_to_the_logit_minus_the_bias(head: str, rng: np.random.Generator) -> None:
    model = small_classifier(head=head, dropout=0.5)
    model.get_layer("logits").bias.assign([0.3, -1.0, 2.0])
    inputs = classifier_inputs(rng)
    logits = model.predict(inputs, verbose=0)
    bias = keras.ops.convert_to_numpy(model.get_layer("logits").bias)
    for class_index in (None, 1, [2, 0, 1, 1]):
        maps = class_contribution_maps(model, inputs, class_index, batch_size=2)

        classes = logits.argmax(axis=1) if class_index is None else np.broadcast_to(class_index, 4)
        assert maps.shape == (4, 4, 4) and maps.dtype == np.float32
        expected = logits[np.arange(4), classes] - bias[classes]
        np.testing.assert_allclose(maps.sum(axis=(1, 2)), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("head", ["pool", "flatten"])
def test_a_place_contributes_what_the_head_gives_for_it_alone(
    head: str, rng: np.random.Generator
) -> None:
    model = small_classifier(head=head, branches="action")
    inputs = classifier_inputs(rng)
    fused = model.maps.predict(inputs, verbose=0)["fused"]
    alone = np.zeros_like(fused)
    alone[:, 1, 2] = fused[:, 1, 2]
    without_bias = model.get_layer("logits")(model.get_layer(head)(alone))
    expected = keras.ops.convert_to_numpy(without_bias)[:, 1]
    maps = class_contribution_maps(model, inputs, class_index=1)
    np.testing.assert_allclose(maps[:, 1, 2], expected, rtol=1e-4, atol=1e-6)


def test_classes_that_do_not_exist_are_refused(rng: np.random.Generator) -> None:
    model, inputs = small_classifier(), classifier_inputs(rng)
    wrong: list[Any] = [3, -1, [0, 1], [[0, 1, 2, 0]]]
    for class_index in wrong:
        with pytest.raises(ValueError, match="`class_index` must"):
            class_contribution_maps(model, inputs, class_index)
