"""The network that is compiled once and trained in every fold, on the backend at hand."""

import numpy as np

from keras_ma2mi.evaluation import leave_one_subject_out
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions
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
