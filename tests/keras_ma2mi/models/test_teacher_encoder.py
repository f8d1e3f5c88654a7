from pathlib import Path

import keras
import numpy as np
import pytest

from keras_ma2mi.models.teacher_encoder import TeacherEncoder
from tests.conformance import check_config
from tests.keras_ma2mi.models.networks import reconstructor_inputs, small_reconstructor

_JIT = keras.backend.backend() == "jax"


def _weights(encoder: keras.layers.Layer) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in encoder.get_weights()])


def _student(start: float) -> keras.layers.Layer:
    student = keras.layers.Dense(2)
    student.build((None, 3))
    student.set_weights([np.full(weight.shape, start) for weight in student.get_weights()])
    return student


def test_first_step_copies_and_later_ones_average() -> None:
    student = _student(2.0)
    teacher = TeacherEncoder.of(student, momentum=0.75)
    teacher.build((None, 3))
    teacher.follow(student)
    np.testing.assert_allclose(_weights(teacher.encoder), 2.0)
    student.set_weights([np.full(weight.shape, 6.0) for weight in student.get_weights()])
    teacher.follow(student)
    np.testing.assert_allclose(_weights(teacher.encoder), 0.75 * 2.0 + 0.25 * 6.0)


def test_frozen_teacher_keeps_the_first_weights() -> None:
    student = _student(2.0)
    teacher = TeacherEncoder.of(student, momentum=1.0)
    teacher.build((None, 3))
    teacher.follow(student)
    student.set_weights([np.full(weight.shape, 6.0) for weight in student.get_weights()])
    teacher.follow(student)
    np.testing.assert_allclose(_weights(teacher.encoder), 2.0)


def test_teacher_of_a_student_with_weights_starts_with_them(rng: np.random.Generator) -> None:
    image = keras.Input((3,))
    student = keras.Model(image, keras.layers.Dense(2)(image))
    student.set_weights([rng.normal(size=weight.shape) for weight in student.get_weights()])
    teacher = TeacherEncoder.of(student, momentum=0.9)
    np.testing.assert_allclose(_weights(teacher.encoder), _weights(student))


def test_configuration() -> None:
    check_config(TeacherEncoder.of(_student(1.0), momentum=0.5))
    with pytest.raises(ValueError, match="`momentum` must be in the range"):
        TeacherEncoder(_student(1.0), momentum=2.0)


def test_fit_moves_the_teacher_behind_the_student(rng: np.random.Generator) -> None:
    # Compiled where that is the default: a compiled step must not lose the assignment.
    jit_compile = keras.backend.backend() != "torch"
    model = small_reconstructor(teacher_momentum=0.5)
    model.compile(keras.optimizers.SGD(0.1), jit_compile=jit_compile)
    # The head starts at zero, and would keep the first gradient from the encoder.
    model.predictor.head.kernel.assign(rng.normal(size=model.predictor.head.kernel.shape))
    inputs = reconstructor_inputs(rng)
    start = _weights(model.position_encoder)
    model.fit(inputs, verbose=0)
    first = _weights(model.position_encoder)
    assert np.any(first != start)
    np.testing.assert_allclose(_weights(model.teacher_encoder.encoder), start, rtol=1e-5)
    model.fit(inputs, verbose=0)
    np.testing.assert_allclose(
        _weights(model.teacher_encoder.encoder), 0.5 * (start + first), rtol=1e-4, atol=1e-6
    )


def test_evaluation_leaves_the_teacher_alone(rng: np.random.Generator) -> None:
    model = small_reconstructor()
    model.compile("sgd", jit_compile=_JIT)
    before = _weights(model.teacher_encoder)
    model.evaluate(reconstructor_inputs(rng), verbose=0)
    np.testing.assert_array_equal(_weights(model.teacher_encoder), before)


def test_training_goes_on_from_a_saved_model_as_if_never_stopped(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    model = small_reconstructor(teacher_momentum=0.5)
    model.compile(keras.optimizers.SGD(0.1), jit_compile=_JIT)
    inputs = reconstructor_inputs(rng)
    for _ in range(2):
        model.fit(inputs, verbose=0)
    model.save(tmp_path / "model.keras")
    revived = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        _weights(revived.teacher_encoder), _weights(model.teacher_encoder)
    )
    losses = [m.fit(inputs, verbose=0).history["loss"][0] for m in (model, revived)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    np.testing.assert_allclose(
        _weights(revived.teacher_encoder), _weights(model.teacher_encoder), rtol=1e-5, atol=1e-7
    )
