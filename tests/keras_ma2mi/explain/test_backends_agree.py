"""One set of figures for all backends: weights and inputs come from a formula, not from chance."""

from typing import Any

import numpy as np
import pytest

from keras_ma2mi.explain import attention_maps, class_contribution_maps, grad_cam
from tests.keras_ma2mi.models.networks import small_classifier


def waves(shape: tuple[int, ...], middle: float, height: float) -> np.ndarray:
    numbers = np.arange(np.prod(shape))
    return (middle + height * np.sin(0.37 * numbers**2)).reshape(shape).astype("float32")


@pytest.fixture(scope="module")
def model_and_inputs() -> tuple[Any, dict[str, np.ndarray]]:
    model = small_classifier(fusion="gate", head="flatten")
    for weight in model.weights:
        # A variance must be positive.
        middle, height = (0.6, 0.4) if weight.path.endswith("variance") else (0.1, 0.5)
        weight.assign(waves(weight.shape, middle, height))
    inputs = {"onset": waves((2, 16, 16, 3), 0.5, 0.5), "motion": waves((2, 16, 16, 3), 0.0, 1.0)}
    return model, inputs


def assert_close(actual: np.ndarray, expected: list[list[float]]) -> None:
    reference = np.array(expected)
    # Finer than the differences within the map, or any map of that height would pass.
    tolerance = min(1e-3 * np.abs(reference).max(), 0.1 * reference.std())
    np.testing.assert_allclose(actual, reference, rtol=0, atol=tolerance)


def test_attention(model_and_inputs: Any) -> None:
    assert_close(attention_maps(*model_and_inputs)[1, 1::4, 1::4], ATTENTION)


def test_contributions(model_and_inputs: Any) -> None:
    assert_close(class_contribution_maps(*model_and_inputs, class_index=1)[1], CONTRIBUTIONS)


def test_grad_cam(model_and_inputs: Any) -> None:
    maps = grad_cam(*model_and_inputs, class_index=1, map_name="action_map")
    assert_close(maps[1], GRAD_CAM)


ATTENTION = [
    [0.28731, 0.28573, 0.28266, 0.28155],
    [0.28824, 0.2893, 0.28497, 0.28444],
    [0.28513, 0.28765, 0.28774, 0.28509],
    [0.28466, 0.28408, 0.28443, 0.28503],
]
CONTRIBUTIONS = [
    [0.36302, -0.12379, 1.4456, -0.048239],
    [-1.0251, -0.44391, -0.78562, 0.96151],
    [-0.31568, 0.57429, 0.36082, -0.024874],
    [-0.11018, 0.38105, 1.177, 0.60077],
]
GRAD_CAM = [
    [0.049923, 0.037223, 0.043311, 0.039873],
    [0.04492, 0.045983, 0.046614, 0.039629],
    [0.042788, 0.045261, 0.046848, 0.034913],
    [0.043195, 0.046757, 0.042203, 0.047382],
]
