"""Protocols, scores and statistics: arrays and tables in, tables out."""

from keras_ma2mi.evaluation.action_unit_predictions import (
    ACTION_UNIT_COLUMNS,
    check_action_unit_predictions,
    predicted_units,
    predicts_action_units,
    read_action_unit_predictions,
)
from keras_ma2mi.evaluation.action_unit_scores import (
    ActionUnitScores,
    ActionUnitSeedScores,
    always_present_baseline,
    per_dataset_action_units,
    score_action_unit_seeds,
    score_action_units,
)
from keras_ma2mi.evaluation.action_unit_statistics import (
    bootstrap_action_units,
    paired_action_unit_test,
)
from keras_ma2mi.evaluation.action_unit_summary import summarise_action_units
from keras_ma2mi.evaluation.action_units import multi_hot, parse_action_units
from keras_ma2mi.evaluation.class_sets import ClassAssignment, ClassSet, all_class_sets, class_set
from keras_ma2mi.evaluation.comparison import Comparison, paired_permutation_test
from keras_ma2mi.evaluation.confusion import METRICS
from keras_ma2mi.evaluation.errors import PredictionsError, ProtocolError, SubjectLeakError
from keras_ma2mi.evaluation.fixed_split import FixedSplit, read_fixed_split
from keras_ma2mi.evaluation.heat_map_scores import (
    mass_inside,
    moving_regions,
    pointing_hits,
    region_overlap,
)
from keras_ma2mi.evaluation.intervals import bootstrap_over_subjects
from keras_ma2mi.evaluation.key_frames import action_unit_key_frame_curve, key_frame_curve
from keras_ma2mi.evaluation.multiple_tests import holm_adjusted
from keras_ma2mi.evaluation.paired_counts import MetricDifference
from keras_ma2mi.evaluation.predictions import (
    PREDICTION_COLUMNS,
    PROBABILITY_PREFIX,
    check_predictions,
    probability_classes,
    read_predictions,
)
from keras_ma2mi.evaluation.protocol_clips import ProtocolClips
from keras_ma2mi.evaluation.protocols import (
    Fold,
    check_folds,
    check_subject_disjoint,
    clip_list_hash,
    k_fold_by_subject,
    leave_one_dataset_out,
    leave_one_subject_out,
)
from keras_ma2mi.evaluation.published_protocols import Protocol, all_protocols, protocol
from keras_ma2mi.evaluation.ridge_probe import ProbeReading, ridge_probe
from keras_ma2mi.evaluation.scores import (
    Scores,
    SeedScores,
    majority_baseline,
    per_dataset,
    score,
    score_seeds,
)
from keras_ma2mi.evaluation.split_names import SPLIT_FORMS, parse_split
from keras_ma2mi.evaluation.splits import (
    HoldoutDatabase,
    KFoldBySubject,
    LeaveOneDatasetOut,
    LeaveOneSubjectOut,
    Split,
    not_predicted,
    not_used,
)
from keras_ma2mi.evaluation.spotting_scores import SpottingScore, match_intervals, score_spotting
from keras_ma2mi.evaluation.subject_ratios import (
    Ratio,
    RatioScore,
    compare_ratios,
    score_ratios,
)
from keras_ma2mi.evaluation.summary import subject_table, summarise
from keras_ma2mi.evaluation.zero_shot import (
    emotion_combinations,
    emotion_probabilities,
    emotions_of,
    emotions_of_class,
)

__all__ = [
    "ACTION_UNIT_COLUMNS",
    "METRICS",
    "PREDICTION_COLUMNS",
    "PROBABILITY_PREFIX",
    "SPLIT_FORMS",
    "ActionUnitScores",
    "ActionUnitSeedScores",
    "ClassAssignment",
    "ClassSet",
    "Comparison",
    "FixedSplit",
    "Fold",
    "HoldoutDatabase",
    "KFoldBySubject",
    "LeaveOneDatasetOut",
    "LeaveOneSubjectOut",
    "MetricDifference",
    "PredictionsError",
    "ProbeReading",
    "Protocol",
    "ProtocolClips",
    "ProtocolError",
    "Ratio",
    "RatioScore",
    "Scores",
    "SeedScores",
    "Split",
    "SpottingScore",
    "SubjectLeakError",
    "action_unit_key_frame_curve",
    "all_class_sets",
    "all_protocols",
    "always_present_baseline",
    "bootstrap_action_units",
    "bootstrap_over_subjects",
    "check_action_unit_predictions",
    "check_folds",
    "check_predictions",
    "check_subject_disjoint",
    "class_set",
    "clip_list_hash",
    "compare_ratios",
    "emotion_combinations",
    "emotion_probabilities",
    "emotions_of",
    "emotions_of_class",
    "holm_adjusted",
    "k_fold_by_subject",
    "key_frame_curve",
    "leave_one_dataset_out",
    "leave_one_subject_out",
    "majority_baseline",
    "mass_inside",
    "match_intervals",
    "moving_regions",
    "multi_hot",
    "not_predicted",
    "not_used",
    "paired_action_unit_test",
    "paired_permutation_test",
    "parse_action_units",
    "parse_split",
    "per_dataset",
    "per_dataset_action_units",
    "pointing_hits",
    "predicted_units",
    "predicts_action_units",
    "probability_classes",
    "protocol",
    "read_action_unit_predictions",
    "read_fixed_split",
    "read_predictions",
    "region_overlap",
    "ridge_probe",
    "score",
    "score_action_unit_seeds",
    "score_action_units",
    "score_ratios",
    "score_seeds",
    "score_spotting",
    "subject_table",
    "summarise",
    "summarise_action_units",
]
