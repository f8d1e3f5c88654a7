"""Duties of everything that the package exports."""

import inspect
import subprocess
import sys
from typing import Any

import keras
import pytest

import keras_ma2mi
from keras_ma2mi import layers, losses, metrics, models
from keras_ma2mi.metrics import ConfusionMetric
from keras_ma2mi.models import FutureFrameReconstructor
from keras_ma2mi.models.running_scale import RunningScale
from keras_ma2mi.models.teacher_encoder import TeacherEncoder
from tests.keras_ma2mi.models.networks import small_classifier, small_reconstructor

# What a class cannot be created without; all other arguments take their defaults.
_REQUIRED: dict[str, Any] = {"filters": 4, "num_classes": 3, "output_channels": 4}


def _exported_classes() -> list[type]:
    found = [
        getattr(module, name)
        for module in (layers, losses, metrics, models)
        for name in module.__all__
    ]
    classes = [item for item in found if inspect.isclass(item) and item is not ConfusionMetric]
    return [*classes, TeacherEncoder, RunningScale]


def _instance(cls: type) -> Any:
    if cls is FutureFrameReconstructor:
        return small_reconstructor()
    if cls is TeacherEncoder:
        return TeacherEncoder(keras.layers.Dense(2))
    if cls is models.MIACNet:
        return small_classifier()
    needed = inspect.signature(cls).parameters
    return cls(
        **{name: value for name, value in _REQUIRED.items() if _has_no_default(needed, name)}
    )


def _has_no_default(parameters: Any, name: str) -> bool:
    return name in parameters and parameters[name].default is inspect.Parameter.empty


@pytest.mark.parametrize("cls", _exported_classes(), ids=lambda cls: cls.__name__)
def test_configuration_names_every_argument(cls: type) -> None:
    arguments = {
        name
        for name, parameter in inspect.signature(cls).parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }
    assert arguments <= set(_instance(cls).get_config())


@pytest.mark.parametrize("cls", _exported_classes(), ids=lambda cls: cls.__name__)
def test_is_registered_under_the_name_of_the_package(cls: type) -> None:
    assert keras.saving.get_registered_name(cls) == f"keras_ma2mi>{cls.__name__}"


@pytest.mark.parametrize("cls", _exported_classes(), ids=lambda cls: cls.__name__)
def test_docstring_describes_every_argument(cls: type) -> None:
    documentation = inspect.getdoc(cls) or ""
    for name, parameter in inspect.signature(cls).parameters.items():
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            assert f"    {name}: " in documentation, f"{cls.__name__} does not describe {name}"


def test_a_model_loads_after_a_bare_import(tmp_path: Any) -> None:
    path = tmp_path / "model.keras"
    small_classifier().save(path)
    program = (
        "import sys, keras_ma2mi, keras; print(type(keras.saving.load_model(sys.argv[1])).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == "MIACNet"


def test_version_is_a_version() -> None:
    assert keras_ma2mi.__version__.count(".") >= 1
