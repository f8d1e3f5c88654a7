"""From chosen clips to folds, and what run.json says of them."""

from pathlib import Path

import pytest

from keras_ma2mi.evaluation import HoldoutDatabase, parse_split
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.chosen_clips import ChosenClips
from ma2mi_recipes.fine_tuning import TrainOptions, plan_run
from ma2mi_recipes.fine_tuning.plan import TrainPlan
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.made_up_clips import made_up_clips


def planned(split: object, **protocol: object) -> TrainPlan:
    clips = made_up_clips()
    chosen = ChosenClips(tuple(clips.classes), {}, {}, split, protocol=protocol)  # type: ignore[arg-type]
    return plan_run(clips, TrainOptions(), [0], chosen)


def test_clips_that_a_fixed_split_does_not_name_are_listed(tmp_path: Path) -> None:
    table = tmp_path / "split.csv"
    table.write_text("subject,split\nd/s0,train\nd/s1,train\nd/s3,test\n")
    described = planned(parse_split(f"fixed:{table}")).describe(tmp_path)
    assert described["folds"] == 1
    assert described["not_used"] == [f"d/s2/c{row}" for row in range(8, 12)]
    assert len(described["not_predicted"]) == 12


def test_a_split_that_does_not_fit_is_one_line() -> None:
    with pytest.raises(InputError, match="need at least 9 subjects"):
        planned(parse_split("k-fold:9"))
    with pytest.raises(InputError, match="samm"):
        planned(HoldoutDatabase(("samm",)))


def test_a_protocol_that_lost_clips_on_the_way_is_not_called_complete() -> None:
    facts = {"name": "some", "clips": 18, "complete": True, "problems": []}
    protocol = planned(parse_split("loso"), **facts).protocol
    assert not protocol["complete"]
    assert protocol["problems"] == ["2 of its clips cannot be used, see left_out"]
    assert planned(parse_split("loso"), **{**facts, "clips": 16}).protocol["complete"]


def test_a_run_of_other_folds_or_labels_is_another_run(tmp_path: Path) -> None:
    clips, options = made_up_clips(), TrainOptions()
    first = plan_run(clips, options, [0]).describe(tmp_path)
    RunDirectory.create(tmp_path / "run", first)
    RunDirectory.create(tmp_path / "run", plan_run(clips, options, [0]).describe(tmp_path))
    with pytest.raises(InputError, match="differs in: folds_hash"):
        RunDirectory.create(tmp_path / "run", planned(parse_split("k-fold:2")).describe(tmp_path))
    clips.labels[0] = 1 - clips.labels[0]
    with pytest.raises(InputError, match="differs in: targets_hash"):
        RunDirectory.create(tmp_path / "run", plan_run(clips, options, [0]).describe(tmp_path))
