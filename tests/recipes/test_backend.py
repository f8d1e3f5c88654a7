import os
import sys

import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes import backend
from ma2mi_recipes.backend import Backend, use_backend


@pytest.fixture
def no_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)


def install(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    found = [Backend(name) for name in names]
    monkeypatch.setattr(backend, "installed_backends", lambda: found)
    monkeypatch.setattr(backend, "_import_tensorflow_quietly", lambda: None)


@pytest.mark.usefixtures("no_keras")
def test_without_any_backend_three_installs_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    with pytest.raises(InputError) as caught:
        use_backend(None)
    for name in ("tensorflow", "jax", "torch"):
        assert f'pip install "keras-ma2mi[{name}]"' in str(caught.value)


@pytest.mark.usefixtures("no_keras")
def test_option_wins_over_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "tensorflow", "jax")
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert use_backend("jax") == "jax"
    assert os.environ["KERAS_BACKEND"] == "jax"


@pytest.mark.usefixtures("no_keras")
def test_environment_wins_over_order_of_preference(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "tensorflow", "jax")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert use_backend(None) == "jax"


@pytest.mark.usefixtures("no_keras")
def test_unset_takes_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "torch")
    assert use_backend(None) == "torch"


@pytest.mark.usefixtures("no_keras")
def test_backend_that_is_not_installed_names_one_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "jax")
    with pytest.raises(InputError, match=r"--backend jax, which is"):
        use_backend("torch")


@pytest.mark.usefixtures("no_keras")
def test_unknown_environment_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "jax")
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(InputError, match="theano"):
        use_backend(None)


def test_backend_cannot_change_once_keras_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    running = keras.config.backend()
    other = next(name for name in Backend if name != running)
    install(monkeypatch, *Backend)
    monkeypatch.setenv("KERAS_BACKEND", running)
    with pytest.raises(InputError, match=f"already runs on {running}"):
        use_backend(other)
