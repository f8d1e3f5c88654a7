"""Which clips of a store a run takes."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from keras_ma2mi.evaluation import protocol
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.chosen_clips import choose_clips


def store_of(rows: list[dict[str, object]]) -> Any:
    return SimpleNamespace(path=Path("some.store"), manifest=pd.DataFrame(rows))


def listed(name: str) -> list[dict[str, object]]:
    """Rows of a store that holds a protocol's clips, with a label of each class."""
    published = protocol(name)
    label = {one: labels[0] for one, labels in published.classes.items()}
    return [
        {
            "clip_id": clip,
            "dataset": clip.partition("/")[0],
            "subject": clip.rpartition("/")[0],
            "label": label[group],
            "action_units": None,
        }
        for clip, group in published.members().items()
    ]


LABELLED = [
    {"clip_id": f"lab/s{row % 3}/{row}", "dataset": "lab", "subject": f"lab/s{row % 3}",
     "label": label, "action_units": units}
    for row, (label, units) in enumerate(
        [("happiness", "AU12"), ("disgust", "AU4+AUL10"), ("surprise", "AU1+AU2"),
         ("fear", "AU1"), ("others", None), (None, "AU4")]
    )
]  # fmt: skip


def test_by_default_every_label_is_a_class_and_each_subject_is_held_out() -> None:
    chosen = choose_clips(store_of(LABELLED))
    assert chosen.classes == ("disgust", "fear", "happiness", "others", "surprise")
    assert chosen.left_out == {"lab/s2/5": "no label"}
    assert chosen.split.description == "leave-one-subject-out"
    assert chosen.class_set == "native"


def test_a_class_set_maps_labels_and_lists_what_it_leaves_out() -> None:
    chosen = choose_clips(store_of(LABELLED), classes="3", split="k-fold:2")
    assert chosen.classes == ("negative", "positive", "surprise")
    assert [chosen.targets[f"lab/s{row % 3}/{row}"] for row in (0, 1, 2, 3)] == [
        "positive", "negative", "surprise", "negative",
    ]  # fmt: skip
    assert chosen.left_out["lab/s1/4"] == "label others is not in the class set"
    assert chosen.split.spec == "k-fold:2:0"
    assert "negative=negative+anger" in chosen.class_set


def test_ones_own_mapping_is_taken_as_written() -> None:
    chosen = choose_clips(store_of(LABELLED), classes="bad=disgust+fear,good=happiness")
    assert chosen.classes == ("bad", "good")
    assert len(chosen.targets) == 3


def test_a_class_without_a_clip_is_refused() -> None:
    with pytest.raises(InputError, match="no clip of class anger; it has: disgust, fear"):
        choose_clips(store_of(LABELLED), classes="anger,happiness,fear")


def test_a_published_protocol_brings_clips_classes_and_split() -> None:
    chosen = choose_clips(store_of(listed("samm-3")), protocol="samm-3")
    assert len(chosen.targets) == 133
    assert chosen.classes == ("negative", "positive", "surprise")
    assert chosen.protocol["complete"] and chosen.protocol["name"] == "samm-3"
    assert chosen.strict


def test_a_store_that_lacks_a_clip_of_the_protocol_is_refused_unless_that_is_allowed() -> None:
    rows = listed("samm-3")[:-1]
    with pytest.raises(InputError, match=r"some.store: samm-3 needs 133 clips: 1 of samm is not"):
        choose_clips(store_of(rows), protocol="samm-3")
    chosen = choose_clips(store_of(rows), protocol="samm-3", allow_missing=True)
    assert len(chosen.targets) == 132
    assert not chosen.protocol["complete"] and not chosen.strict


def test_clips_that_the_protocol_does_not_take_are_left_out_with_a_reason() -> None:
    extra = {"clip_id": "samm/099/099_1_1", "dataset": "samm", "subject": "samm/099",
             "label": "anger", "action_units": None}  # fmt: skip
    chosen = choose_clips(store_of([*listed("samm-3"), extra]), protocol="samm-3")
    assert chosen.left_out == {"samm/099/099_1_1": "not in the list"}


def test_a_protocol_of_action_units_says_for_each_unit_whether_it_is_shown() -> None:
    rows = [
        {"clip_id": f"samm/00{row}/00{row}_1_1", "dataset": "samm", "subject": f"samm/00{row}",
         "label": "anger", "action_units": units}
        for row, units in enumerate(["AU4+AU7", "AUL12", "AU2+AU4"])
    ]  # fmt: skip
    chosen = choose_clips(store_of(rows), protocol="samm-au")
    assert chosen.multi_label
    assert chosen.classes == ("AU2", "AU4", "AU7", "AU12")
    assert list(chosen.targets.values()) == [(0, 1, 1, 0), (0, 0, 0, 1), (1, 1, 0, 0)]


def test_ones_own_action_units_are_taken_where_they_are_annotated() -> None:
    chosen = choose_clips(store_of(LABELLED), action_units="1,AU4", split="k-fold:2")
    assert chosen.multi_label and chosen.classes == ("AU1", "AU4")
    assert chosen.targets["lab/s1/1"] == (0, 1)
    assert chosen.targets["lab/s0/0"] == (0, 0)
    assert chosen.left_out == {"lab/s1/4": "no action units in the annotation"}


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"protocol": "samm-3", "classes": "3"}, "give one of --protocol, --classes"),
        ({"action_units": "1,17"}, "no clip with AU17"),
        ({"action_units": "1,1"}, "must be different FACS numbers"),
        ({"protocol": "samm-9"}, "there is no protocol 'samm-9'"),
        ({"split": "halves"}, "there is no split 'halves'"),
        ({"classes": "seventeen"}, "there is no class set 'seventeen'"),
    ],
)
def test_what_cannot_be_chosen_is_one_line(choice: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose_clips(store_of(LABELLED), **choice)  # type: ignore[arg-type]
