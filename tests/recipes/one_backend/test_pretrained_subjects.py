"""Pre-training on the macro-expressions of people whose micro-expressions are held out later."""

from pathlib import Path

import numpy as np
import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.manifest import read_manifest, write_manifest
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.pretrained_check import check_pretrained
from ma2mi_recipes.run_directory import RunDirectory
from tests.preprocessing.datasets.fake_datasets import write_book, write_frames
from tests.recipes.conftest import Chain, call, succeed


def long_video(root: Path) -> None:
    """CAS(ME)^2 with one video of s15 that holds a macro- and a micro-expression."""
    write_frames(root / "rawpic" / "s15" / "15_0401girlcrashing", "img{}.jpg", range(1, 100))
    write_frames(root / "rawpic" / "s16" / "16_0401girlcrashing", "img{}.jpg", range(1, 100))
    rows = [
        (1, "anger1_1", 10, 20, 40, "4", "negative", "macro-expression", "anger"),
        (1, "anger1_2", 50, 55, 60, "4", "negative", "micro-expression", "anger"),
        (2, "anger1_1", 50, 55, 60, "4", "positive", "micro-expression", "anger"),
    ]
    rule1, rule2 = [(15, "s15", 1), (16, "s16", 2)], [("0401", "anger1")]
    sheets = {"CASFEcode_final": rows, "naming rule1": rule1, "naming rule2": rule2}
    write_book(root / "code_final.xlsx", sheets)


def subjects_through_a_manifest(name: str, root: Path) -> list[str]:
    manifest = root / f"{name}.csv"
    write_manifest(ADAPTERS[name].read(root).clips, manifest)
    return [clip.subject for clip in read_manifest(manifest)]


def pretrained_on(path: Path, subjects: list[str]) -> Path:
    info = {"kind": "pretrain", "subjects": subjects, "options": {"motion": "flow"}}
    RunDirectory.create(path, info).finish()
    return path


def of_subjects(subjects: list[str]) -> LabelledClips:
    labels = np.zeros(len(subjects), np.int32)
    onset = np.zeros((len(subjects), 2, 2, 3), np.uint8)
    motion = np.zeros((len(subjects), 2, 2, 3), np.float32)
    names = [f"clip{at}" for at in range(len(subjects))]
    datasets = ["cas_me_2"] * len(subjects)
    return LabelledClips(names, datasets, subjects, ["negative"], labels, onset, motion, {})


def test_people_of_both_parts_are_seen_as_a_leak(tmp_path: Path) -> None:
    long_video(tmp_path)
    macro = subjects_through_a_manifest("cas_me_2_macro", tmp_path)
    micro = subjects_through_a_manifest("cas_me_2", tmp_path)
    run = pretrained_on(tmp_path / "run", macro)
    with pytest.raises(InputError, match=r"1 of the subjects to be held out \(cas_me_2/s15\)"):
        check_pretrained(run, of_subjects(micro), TrainOptions())
    others = [subject for subject in micro if subject not in macro]
    assert others == ["cas_me_2/s16"]
    check_pretrained(run, of_subjects(others), TrainOptions())


def test_people_of_a_store_or_manifest_are_left_out_of_pretraining(
    chain: Chain, tmp_path: Path
) -> None:
    subjects = sorted(set(open_store(chain.macro_store).manifest["subject"]))
    manifest = tmp_path / "tested.csv"
    clips = read_manifest(chain.clips / "macro" / "manifest.csv")
    write_manifest([clip for clip in clips if clip.subject == subjects[0]], manifest)
    command = ("pretrain", chain.macro_store, tmp_path / "run", "--epochs", 1)
    output = succeed(*command, "--batch-size", 4, "--without-subjects-of", manifest)
    assert "4 clips left out" in output
    info = RunDirectory.open(tmp_path / "run").info
    assert (info["subjects"], info["clips"]) == (subjects[1:], 4)
    refused = call(*command, "--without-subjects-of", chain.macro_store)
    assert refused.exit_code == 2
    assert "subjects to be left out only" in refused.output
