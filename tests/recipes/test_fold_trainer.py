"""The network that is compiled once and trained in every fold, on the backend at hand."""

from dataclasses import replace

import numpy as np
import pytest

from keras_ma2mi.evaluation import leave_one_subject_out
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions, fitted_to_clips
from ma2mi_recipes.fine_tuning.fold_trainer import FoldTrainer
from tests.recipes.made_up_clips import made_up_clips


def test_predictions_watched_during_a_fit_are_those_of_a_fit_that_stops_there() -> None:
    clips = made_up_clips(subjects=3, size=28)
    first, second, _ = leave_one_subject_out(clips.subjects)
    trainer = FoldTrainer(clips, TrainOptions(epochs=3, batch_size=4), seed=1)
    rows = TrainingRows(clips, second)
    watched = trainer.fit(rows, 7, watched=(clips, second.test)).watched
    assert len(watched) == 3
    np.testing.assert_allclose(trainer.predict(clips, second.test), watched[2], atol=1e-6)
    # Another fold in between must leave nothing behind.
    trainer.fit(TrainingRows(clips, first), 8, epochs=1)
    trainer.fit(rows, 7, epochs=2)
    np.testing.assert_allclose(trainer.predict(clips, second.test), watched[1], atol=1e-5)
    assert np.abs(watched[2] - watched[0]).max() > 1e-3


def test_action_units_are_learnt_each_on_its_own() -> None:
    clips = made_up_clips(subjects=3, clips_each=6, size=28)
    # The first unit is what moves to the right; the second is always there, the third never.
    units = np.stack([clips.labels, np.ones(18, int), np.zeros(18, int)], axis=1).astype(np.int32)
    clips = replace(clips, labels=units, classes=["AU1", "AU2", "AU4"])
    fold = leave_one_subject_out(clips.subjects)[0]
    options = TrainOptions(epochs=6, batch_size=6, augment=False, label_smoothing=0.0)
    trainer = FoldTrainer(clips, options, seed=0)
    history = trainer.fit(TrainingRows(clips, fold), 1).history
    probabilities = trainer.predict(clips, fold.test)
    assert probabilities.shape == (6, 3)
    np.testing.assert_array_equal(probabilities >= 0.5, units[fold.test])
    assert not np.allclose(probabilities.sum(axis=1), 1)
    assert history["accuracy"].iloc[-1] > 0.9


def test_what_is_for_classes_is_refused_for_action_units() -> None:
    clips = made_up_clips()
    clips = replace(clips, labels=np.zeros((16, 2), np.int32), classes=["AU1", "AU4"])
    with pytest.raises(InputError, match="use --balance weights"):
        fitted_to_clips(TrainOptions(balance="sampling"), clips)
