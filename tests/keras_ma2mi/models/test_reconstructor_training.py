"""What `fit` of the reconstructor reports, compiles, and takes up again after a stop."""

import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.models import FutureFrameReconstructor
from tests.keras_ma2mi.drawn_weights import draw_weights
from tests.keras_ma2mi.models.networks import reconstructor_inputs, small_reconstructor

_BACKEND = keras.backend.backend()
DIAGNOSTICS = {
    "error",
    "no_motion_error",
    "motion_gain",
    "latent_variance",
    "effective_rank",
}


def _compiled(model: FutureFrameReconstructor, rate: float = 0.01) -> FutureFrameReconstructor:
    model.compile(keras.optimizers.Adam(rate), jit_compile=_BACKEND == "jax")
    return model


def _fit(model: FutureFrameReconstructor, inputs: Any, epochs: int, **kwargs: Any) -> Any:
    # In order, so that two runs see the same batches.
    options = {"batch_size": 8, "shuffle": False, "verbose": 0, **kwargs}
    return model.fit(inputs, epochs=epochs, **options).history


def _state(model: FutureFrameReconstructor) -> dict[str, np.ndarray]:
    """Every number that training goes on from: weights, teacher, scale, optimizer."""
    variables = [*model.weights, *model.optimizer.variables]
    return {
        f"{index} {variable.path}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate(variables)
    }


class _PowerCut(keras.callbacks.Callback):
    """Keeps the backup as it lies there when the third epoch begins."""

    def __init__(self, backup: Path, kept: Path) -> None:
        super().__init__()
        self.backup, self.kept = backup, kept

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            shutil.copytree(self.backup, self.kept)


def test_a_stopped_run_goes_on_as_if_never_stopped(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    inputs = reconstructor_inputs(rng, batch=16)
    whole = _compiled(small_reconstructor(teacher_momentum=0.9))
    callbacks = [
        keras.callbacks.ModelCheckpoint(tmp_path / "epoch_{epoch}.keras"),
        keras.callbacks.BackupAndRestore(tmp_path / "backup"),
        _PowerCut(tmp_path / "backup", tmp_path / "kept"),
    ]
    expected = _fit(whole, inputs, epochs=4, callbacks=callbacks)
    assert set(expected) == {"loss", *DIAGNOSTICS}
    assert min(expected["latent_variance"]) > 1e-3 and min(expected["effective_rank"]) > 1.0

    loaded = keras.saving.load_model(tmp_path / "epoch_2.keras")
    histories = {"checkpoint": _fit(loaded, inputs, epochs=4, initial_epoch=2)}
    # Other weights and no optimizer state: all must come from the backup.
    restored = _compiled(small_reconstructor(teacher_momentum=0.9))
    draw_weights(restored, seed=5)
    backup = keras.callbacks.BackupAndRestore(tmp_path / "kept")
    histories["backup"] = _fit(restored, inputs, epochs=4, callbacks=[backup])

    for name, history in histories.items():
        for metric in expected:
            np.testing.assert_allclose(
                history[metric], expected[metric][2:], rtol=1e-5, err_msg=f"{name} {metric}"
            )
    for model in (loaded, restored):
        for (name, actual), wanted in zip(
            _state(model).items(), _state(whole).values(), strict=True
        ):
            np.testing.assert_allclose(actual, wanted, rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.skipif(_BACKEND == "torch", reason="`jit_compile` there is TorchDynamo, and not XLA")
@pytest.mark.skipif(_BACKEND == "jax", reason="every other test compiles there")
def test_compiled_by_xla_it_learns_the_same(rng: np.random.Generator) -> None:
    inputs = reconstructor_inputs(rng, batch=8)
    models = [small_reconstructor(teacher_momentum=0.5) for _ in range(2)]
    models[1].set_weights(models[0].get_weights())
    histories = []
    for model, jit_compile in zip(models, (True, False), strict=True):
        model.compile(keras.optimizers.SGD(0.1), jit_compile=jit_compile)
        histories.append(_fit(model, inputs, epochs=3))
    assert models[0].jit_compile and not models[1].jit_compile
    for name in ("loss", *DIAGNOSTICS):
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-4, err_msg=name)


def test_a_constant_encoder_is_reported_as_collapse(rng: np.random.Generator) -> None:
    image = keras.Input((16, 16, 3))
    layer = keras.layers.Conv2D(
        8, 4, strides=4, kernel_initializer="zeros", bias_initializer="glorot_normal"
    )
    layer.trainable = False
    constant = keras.Model(image, layer(image), name="constant")
    action = keras.layers.Conv2D(4, 4, strides=4)
    model = _compiled(FutureFrameReconstructor(constant, action, predictor_depth=1))
    # Not a power of two: means of equal numbers must count as equal all the same.
    history = _fit(model, reconstructor_inputs(rng, batch=6), epochs=2)
    assert set(history) == {"loss", *DIAGNOSTICS}
    np.testing.assert_allclose(history["latent_variance"], 0.0, atol=1e-12)
    np.testing.assert_array_equal(history["effective_rank"], 0.0)
    assert np.isfinite(history["loss"]).all()


def _brightening(rng: np.random.Generator, clips: int) -> dict[str, np.ndarray]:
    """Random places of a random face brighten or darken; the motion tells which, and no frame."""
    frame = rng.uniform(0.3, 0.7, size=(clips, 16, 16, 3)).astype("float32")
    change = rng.uniform(-0.3, 0.3, size=(clips, 4, 4, 1)).astype("float32")
    change = np.broadcast_to(change.repeat(4, axis=1).repeat(4, axis=2), frame.shape)
    gap = np.full((clips, 1), 0.2, "float32")
    return {"frame": frame, "future": frame + change, "motion": change, "gap": gap}


def test_motion_gain_tells_useless_motion_from_useful(rng: np.random.Generator) -> None:
    inputs = _brightening(rng, clips=64)
    useless = {**inputs, "motion": np.zeros_like(inputs["motion"])}
    model = _compiled(small_reconstructor(teacher="frozen"))
    before = _fit(model, useless, epochs=10, batch_size=32)["motion_gain"]
    after = _fit(model, inputs, epochs=30, batch_size=32)["motion_gain"]
    assert before[-1] == pytest.approx(1.0, abs=0.1)
    assert after[-1] > 1.5


def test_teacher_stays_out_of_training_when_everything_is_thawed(rng: np.random.Generator) -> None:
    """Fine-tuning freezes and thaws whole models; a weight decay would then shrink the teacher."""
    model = small_reconstructor()
    expected = [weight.path for weight in model.trainable_weights]
    model.trainable = False
    model.trainable = True
    assert [weight.path for weight in model.trainable_weights] == expected
    assert not any("teacher" in path for path in expected)
