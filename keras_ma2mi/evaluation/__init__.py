"""Protocols, scores and statistics: arrays and tables in, tables out."""

from keras_ma2mi.evaluation.comparison import (
    Comparison,
    MetricDifference,
    paired_permutation_test,
)
from keras_ma2mi.evaluation.confusion import METRICS
from keras_ma2mi.evaluation.errors import PredictionsError, SubjectLeakError
from keras_ma2mi.evaluation.intervals import bootstrap_over_subjects
from keras_ma2mi.evaluation.predictions import (
    PREDICTION_COLUMNS,
    PROBABILITY_PREFIX,
    check_predictions,
    probability_classes,
    read_predictions,
)
from keras_ma2mi.evaluation.protocols import (
    Fold,
    check_folds,
    check_subject_disjoint,
    clip_list_hash,
    k_fold_by_subject,
    leave_one_dataset_out,
    leave_one_subject_out,
)
from keras_ma2mi.evaluation.scores import (
    Scores,
    SeedScores,
    majority_baseline,
    per_dataset,
    score,
    score_seeds,
)
from keras_ma2mi.evaluation.summary import subject_table, summarise

__all__ = [
    "METRICS",
    "PREDICTION_COLUMNS",
    "PROBABILITY_PREFIX",
    "Comparison",
    "Fold",
    "MetricDifference",
    "PredictionsError",
    "Scores",
    "SeedScores",
    "SubjectLeakError",
    "bootstrap_over_subjects",
    "check_folds",
    "check_predictions",
    "check_subject_disjoint",
    "clip_list_hash",
    "k_fold_by_subject",
    "leave_one_dataset_out",
    "leave_one_subject_out",
    "majority_baseline",
    "paired_permutation_test",
    "per_dataset",
    "probability_classes",
    "read_predictions",
    "score",
    "score_seeds",
    "subject_table",
    "summarise",
]
