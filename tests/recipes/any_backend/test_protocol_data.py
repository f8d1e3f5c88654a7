"""What both stacks know of the published protocols, since neither may import the other."""

from pathlib import Path

import pytest

from keras_ma2mi.evaluation import Protocol, all_protocols, parse_action_units
from ma2mi_preprocessing.datasets.action_unit_codes import action_units
from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.datasets.protocol_lists import membership, protocol_lists

ROOT = Path(__file__).resolve().parents[3]
OF_PREPROCESSING = ROOT / "preprocessing" / "ma2mi_preprocessing" / "datasets" / "protocol_lists"
OF_EVALUATION = ROOT / "keras_ma2mi" / "evaluation" / "protocol_data"
OF_EVALUATION_ALONE = {"evaluation.json", "class_sets.json"}
# Evaluation also takes a class's own name for a label: "happiness", which CAS(ME)^3 calls "happy".
LABELS = ("happy", "disgust", "sad", "others", "Surprise", "fear", "tense", None)


def test_both_stacks_carry_the_same_protocols_byte_for_byte() -> None:
    ours = {path.name: path.read_bytes() for path in OF_EVALUATION.iterdir() if path.is_file()}
    theirs = {path.name: path.read_bytes() for path in OF_PREPROCESSING.iterdir() if path.is_file()}
    assert ours.keys() - OF_EVALUATION_ALONE == theirs.keys()
    assert [name for name in theirs if ours[name] != theirs[name]] == []


def clips_of(one: Protocol) -> list[Clip]:
    """The clips of a list without one of them, or some clips of every dataset, and strangers."""
    names = list(one.members())[1:] or [
        f"{dataset}/s{number}/c{number}" for dataset in one.datasets for number in range(8)
    ]
    names += ["elsewhere/s1/c1", f"{one.datasets[0]}/s1/macro/c1"]
    labels = [None] * len(names) if one.sha256 else [LABELS[i % 8] for i in range(len(names))]
    return [
        Clip(
            clip_id=name,
            source=Path("x"),
            dataset=name.partition("/")[0],
            subject=name.rpartition("/")[0],
            label=label and label.lower(),
            action_units="AU4",
        )
        for name, label in zip(names, labels, strict=True)
    ]


@pytest.mark.parametrize("listed", protocol_lists(), ids=lambda listed: listed.name)
def test_an_audit_and_an_evaluation_agree_about_what_belongs_to_a_protocol(listed) -> None:
    one = {known.name: known for known in all_protocols()}[listed.name]
    clips = clips_of(one)
    audited = membership(listed, clips)
    taken = one.select(
        [clip.clip_id for clip in clips],
        [clip.subject for clip in clips],
        [clip.dataset for clip in clips],
        [clip.label for clip in clips],
        [clip.action_units for clip in clips],
        allow_missing=True,
    )
    assert set(taken.clip_ids) == set(audited.classes)
    assert taken.missing == audited.missing
    assert not taken.complete and not audited.complete
    if not one.action_units:
        found = dict(zip(taken.clip_ids, taken.targets.tolist(), strict=True))
        assert found == audited.classes


@pytest.mark.parametrize(
    ("annotated", "units"),
    [
        ("4+7+L10", {4, 7, 10}),
        ("R1+R2", {1, 2}),
        ("7B", {7}),
        ("12L", {12}),
        ("R12 or R15", {12, 15}),
        ("10A/B", {10}),
        ("ref(43)", {43}),
        ("4，17", {4, 17}),
        ("/", set()),
    ],
)
def test_action_units_that_one_stack_writes_the_other_reads(annotated, units) -> None:
    assert parse_action_units(action_units(annotated)) == units
