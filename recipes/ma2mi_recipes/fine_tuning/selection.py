"""Which epoch of a fold counts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import Fold, k_fold_by_subject
from ma2mi_recipes.fine_tuning.answers import cross_entropy, share_right
from ma2mi_recipes.fine_tuning.classifiers import (
    EpochTold,
    FoldClassifier,
    Probabilities,
)
from ma2mi_recipes.fine_tuning.options import TrainOptions
from ma2mi_recipes.fine_tuning.training_rows import TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips


@dataclass(frozen=True)
class Selected:
    """A fitted fold.

    Attributes:
        probabilities: Of the held-out clips, `(clips, classes)`: those that count.
        epochs: How many epochs they are of; 0 where there are none.
        history: One row an epoch and `part`: `outer`, or `inner` for an inner selection.
        last: Of a fold that peeked, the held-out probabilities of the last epoch; else None.
    """

    probabilities: Probabilities
    epochs: int
    history: pd.DataFrame
    last: Probabilities | None = None


def fit_fold(
    classifier: FoldClassifier,
    clips: LabelledClips,
    fold: Fold,
    rows: TrainingRows,
    options: TrainOptions,
    seed: int,
    told: EpochTold | None = None,
) -> Selected:
    """Fits a fold, chooses its epoch as `options.select` says, and predicts what it holds out.

    `"last"` takes the last epoch; their number was fixed beforehand. `"nested"` takes the number
    of epochs that does best on inner folds of the training subjects, and trains on all of them that
    long. `"peek"` takes the epoch that does best on the held-out clips themselves, as much of the
    literature does: its figures are too good, and are marked wherever they go.
    """
    if not classifier.has_epochs:
        fitted = classifier.fit(rows, seed, told=told)
        return Selected(classifier.predict(clips, fold.test), 0, _named(fitted.history, "outer"))
    if options.select == "peek":
        return _peek(classifier, clips, fold, rows, seed, told)
    if options.select == "nested":
        return _nested(classifier, clips, fold, rows, options, seed, told)
    fitted = classifier.fit(rows, seed, told=told)
    return Selected(
        classifier.predict(clips, fold.test), options.epochs, _named(fitted.history, "outer")
    )


def inner_fits(options: TrainOptions) -> int:
    """How many fits a fold takes beside its own."""
    return options.inner_folds if options.select == "nested" and options.epochs > 1 else 0


def _peek(
    classifier: FoldClassifier,
    clips: LabelledClips,
    fold: Fold,
    rows: TrainingRows,
    seed: int,
    told: EpochTold | None,
) -> Selected:
    # The one place that looks at held-out clips during a fit, and all that comes of it says so.
    fitted = classifier.fit(rows, seed, watched=(clips, fold.test), told=told)
    shares = np.array([share_right(p, clips.labels[fold.test]) for p in fitted.watched])
    best = int(shares.argmax())
    history = _named(fitted.history, "outer")
    history["held_out_accuracy"] = shares
    return Selected(fitted.watched[best], best + 1, history, last=fitted.watched[-1])


def _nested(
    classifier: FoldClassifier,
    clips: LabelledClips,
    fold: Fold,
    rows: TrainingRows,
    options: TrainOptions,
    seed: int,
    told: EpochTold | None,
) -> Selected:
    epochs, inner = best_epoch(classifier, rows, options, seed, told)
    fitted = classifier.fit(rows, seed, epochs=epochs, told=told)
    history = pd.concat([inner, _named(fitted.history, "outer")], ignore_index=True)
    return Selected(classifier.predict(clips, fold.test), epochs, history)


def best_epoch(
    classifier: FoldClassifier,
    rows: TrainingRows,
    options: TrainOptions,
    seed: int,
    told: EpochTold | None = None,
) -> tuple[int, pd.DataFrame]:
    """The number of epochs with the least cross-entropy on inner folds of subjects, pooled.

    Returns:
        The number of epochs, from 1, and the history of the inner fits with `val_loss` and
        `val_accuracy` of each inner fold.

    Raises:
        ValueError: Where there are fewer than two training subjects.
    """
    if not inner_fits(options):
        return options.epochs, pd.DataFrame()
    count = min(options.inner_folds, len(set(rows.subjects)))
    totals = np.zeros(options.epochs)
    histories = []
    for split in k_fold_by_subject(rows.subjects, count, seed=seed):
        inner = rows.part(split.name, split.train, split.test)
        fitted = classifier.fit(
            rows.within(inner), seed, watched=rows.watched(inner.test), told=told
        )
        labels = rows.labels(inner.test)
        losses = [cross_entropy(probabilities, labels) for probabilities in fitted.watched]
        totals += np.array([loss.sum() for loss in losses])
        history = _named(fitted.history, "inner")
        history["inner_fold"] = split.name
        history["val_loss"] = [float(loss.mean()) for loss in losses]
        history["val_accuracy"] = [share_right(p, labels) for p in fitted.watched]
        histories.append(history)
    return int(totals.argmin()) + 1, pd.concat(histories, ignore_index=True)


def _named(history: pd.DataFrame, part: str) -> pd.DataFrame:
    history = history.copy()
    history.insert(0, "part", part)
    return history
