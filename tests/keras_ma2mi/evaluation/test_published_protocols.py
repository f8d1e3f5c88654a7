"""Published protocols: their lists, what they take from a table, and what they refuse."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.evaluation import ProtocolError, all_protocols, protocol
from keras_ma2mi.evaluation import published_protocols as module
from tests.keras_ma2mi.evaluation.protocol_tables import columns, listed, with_units, without

EXACT = [one for one in all_protocols() if one.sha256 is not None]


@pytest.mark.parametrize("one", EXACT, ids=lambda one: one.name)
def test_an_exact_list_has_the_published_counts_and_takes_its_own_clips(one):
    taken = one.select(**listed(one.name))
    assert taken.complete and taken.exact
    assert (taken.missing, taken.surplus, taken.problems, taken.notices) == ((), {}, (), ())
    assert len(taken) == one.clips
    assert taken.counts == dict(one.per_class)
    assert len(set(taken.subjects)) == one.subjects
    assert taken.classes == tuple(one.classes)


@pytest.mark.parametrize("one", all_protocols(), ids=lambda one: one.name)
def test_every_protocol_says_what_it_is_and_how_it_is_split(one):
    assert protocol(one.name) is one
    assert one.description and one.source and one.clips > 0
    assert bool(one.classes) != bool(one.action_units)
    assert bool(one.sha256) != bool(one.why_no_list)
    if one.per_class:
        assert sum(one.per_class.values()) == one.clips
        assert set(one.per_class) == set(one.classes)
    if one.per_dataset:
        assert sum(one.per_dataset.values()) == one.clips
        assert set(one.per_dataset) == set(one.datasets)


def test_megc2019_is_68_folds_and_its_variants_are_other_splits_of_the_same_clips():
    table = listed("megc2019")
    taken = protocol("megc2019").select(**table)
    assert len(taken.folds()) == 24 + 28 + 16
    lodo = protocol("megc2019-lodo").select(**table)
    assert [(f.name, len(f.test)) for f in lodo.folds()] == [
        ("casme2", 145),
        ("samm", 133),
        ("smic", 164),
    ]
    (fold,) = protocol("megc2019-holdout-samm").select(**table).folds()
    assert (len(fold.train), len(fold.test)) == (145 + 164, 133)
    assert lodo.clip_list_hash == taken.clip_list_hash


def test_the_clip_list_hash_of_megc2019_stays_the_same():
    # Published results name this value: a change of it makes them look like other clips.
    assert protocol("megc2019").clip_list_hash() == "bee6ca986090cb92"
    taken = protocol("megc2019").select(**listed("megc2019"))
    assert taken.clip_list_hash == "bee6ca986090cb92"
    assert protocol("mmew-4").clip_list_hash() is None


def test_subjects_are_named_with_their_dataset():
    names = protocol("megc2019").subject_names()
    assert len(names) == 68 and names[0] == "casme2/sub01"
    assert not {"casme2/sub10", "casme2/sub18", "samm/025"} & set(names)
    assert protocol("mmew-4").subject_names() == ()


def test_an_unknown_protocol_is_answered_with_the_known_ones():
    with pytest.raises(ProtocolError, match=r"no protocol 'megc'; known: casme2-5, .*megc2019"):
        protocol("megc")


def test_missing_clips_are_counted_by_dataset_and_one_is_named():
    table = listed("megc2019")
    gone = {c for c in table["clip_ids"] if c.startswith("samm/")} | {table["clip_ids"][0]}
    short = without(table, gone)
    with pytest.raises(ProtocolError) as caught:
        protocol("megc2019").select(**short)
    assert str(caught.value).startswith(
        "megc2019 needs 442 clips: 1 of casme2 is not there (such as casme2/sub01/EP02_01f); "
        "133 of samm are not there (such as samm/006/006_1_2); add what is missing"
    )
    taken = protocol("megc2019").select(**short, allow_missing=True)
    assert set(taken.missing) == gone
    assert not taken.complete
    assert "308 clips, published are 442" in taken.notices
    assert taken.as_dict()["complete"] is False


def test_a_label_against_the_list_is_refused_and_overruled_where_that_is_allowed():
    table = listed("samm-5")
    table["labels"][3] = "happiness"
    listed_class = protocol("samm-5").members()[table["clip_ids"][3]]
    with pytest.raises(ProtocolError, match=r"1 clip with a class other .* \(samm/006"):
        protocol("samm-5").select(**table)
    taken = protocol("samm-5").select(**table, allow_missing=True)
    assert taken.targets[3] == listed_class != "happiness"
    assert not taken.complete


def test_labels_of_the_annotation_are_mapped_and_those_the_list_overrules_are_told():
    table = listed("casme2-3-megc2019")
    of_class = {"negative": "Disgust", "positive": "happiness", "surprise": "surprise"}
    table["labels"] = [of_class[name] for name in table["labels"]]
    assert protocol("casme2-3-megc2019").select(**table).complete
    row = table["clip_ids"].index("casme2/sub03/EP01_2")
    table["labels"][row] = "fear"
    taken = protocol("casme2-3-megc2019").select(**table)
    assert taken.complete and taken.targets[row] == "surprise"
    assert taken.notices == (
        "1 clip with a class by the list that the label does not give "
        "(casme2/sub03/EP01_2: fear, taken as surprise)",
    )


def test_a_subject_against_the_list_is_refused():
    table = listed("smic-3")
    table["subjects"][0] = "smic/s99"
    with pytest.raises(ProtocolError, match=r"a subject other than the list's .*smic/s99 instead"):
        protocol("smic-3").select(**table)


def test_the_long_release_of_smic_is_told_from_the_cut_one():
    table = listed("smic-3")
    longer = columns([f"{clip}/12345" for clip in table["clip_ids"]], table["labels"])
    longer["subjects"] = table["subjects"]
    with pytest.raises(ProtocolError, match=r"164 of smic are not there .* of another release"):
        protocol("smic-3").select(**longer)


def test_a_store_that_names_its_clips_otherwise_is_shown_how_the_list_names_them():
    table = columns(["motion28/sub01/EP02_01f"], ["positive"])
    with pytest.raises(ProtocolError, match="such as motion28/sub01/EP02_01f, those of the list"):
        protocol("megc2019").select(**table, allow_missing=True)


def test_rendered_clips_have_no_protocol():
    table = columns(["rendered_micro/s01/c1", "rendered_micro/s02/c1"], ["surprise", "negative"])
    for one in all_protocols():
        with pytest.raises(ProtocolError, match="at hand are also clips of rendered_micro"):
            one.select(**table, allow_missing=True)


def test_other_clips_are_listed_with_the_reason():
    table = listed("samm-3")
    table["clip_ids"] += ["mmew/S01/x", "samm/006/macro/006_1_1/7"]
    table["subjects"] += ["mmew/S01", "samm/006"]
    table["datasets"] += ["mmew", "samm"]
    table["labels"] += ["surprise", None]
    taken = protocol("samm-3").select(**table)
    assert taken.complete
    assert dict(taken.surplus) == {
        "mmew/S01/x": "not in the list",
        "samm/006/macro/006_1_1/7": "not in the list",
    }


def test_rows_point_into_the_table_and_folds_into_the_clips_taken():
    table = listed("smic-3")
    for name, value in (
        ("clip_ids", "z/z/z"),
        ("subjects", "z/z"),
        ("datasets", "z"),
        ("labels", "z"),
    ):
        table[name].insert(0, value)
    taken = protocol("smic-3").select(**table)
    assert taken.rows.tolist() == list(range(1, 165))
    assert max(int(fold.test.max()) for fold in taken.folds()) == 163


def test_columns_of_a_hand_made_table_are_brought_into_one_form():
    table = listed("smic-3")
    table["subjects"] = [name.partition("/")[2] for name in table["subjects"]]
    table["datasets"] = [""] * len(table["subjects"])
    table["labels"] = [name.upper() + " " for name in table["labels"]]
    assert protocol("smic-3").select(**table).complete


def test_missing_values_of_pandas_are_no_label():
    table = listed("smic-3")
    table["labels"][:3] = [pd.NA, np.nan, None]
    taken = protocol("smic-3").select(**table)
    assert "3 clips with a class by the list" in taken.notices[0]
    assert "no label, taken as negative" in taken.notices[0]


def test_a_rule_takes_clips_by_label_and_tells_how_the_counts_differ():
    ids = [f"mmew/S0{row}/c" for row in range(1, 6)]
    taken = protocol("mmew-6").select(
        **columns(ids, ["happiness", "others", "anger", None, "Fear"])
    )
    assert taken.targets.tolist() == ["happiness", "anger", "fear"]
    assert not taken.complete and not taken.exact
    assert taken.notices == ("3 clips, published are 234",)
    assert dict(taken.surplus) == {
        "mmew/S02/c": "no class for the label others",
        "mmew/S04/c": "no label",
    }


def test_a_rule_with_the_published_counts_is_complete():
    one = protocol("cas_me_3-4")
    labels = [one.classes[name][0] for name, count in one.per_class.items() for _ in range(count)]
    ids = [f"cas_me_3_a/spNO.{row % 94}/{row}" for row in range(860)]
    assert one.select(**columns(ids, labels)).complete
    taken = one.select(**columns(ids[:-1], labels[:-1]))
    assert taken.notices == (
        "859 clips, published are 860",
        "160 clips of others, published are 161",
    )


def test_action_units_become_columns_and_each_dataset_is_held_out():
    one = protocol("cross-dataset-au")
    table = with_units(one)
    table["action_units"][0] = "AUL4+AUR12B+AU45"
    taken = one.select(**table)
    assert taken.targets.shape == (24, 12)
    assert [one.action_units[c] for c in np.flatnonzero(taken.targets[0])] == [4, 12]
    assert [fold.name for fold in taken.folds()] == sorted(one.datasets)
    assert taken.counts["AU1"] == int(taken.targets[:, 0].sum())
    assert not taken.complete
    assert "4 clips of cas_me_3_a, published are 860" in taken.notices


def test_a_dataset_without_action_units_is_not_taken_for_one_without_movement():
    one = protocol("cross-dataset-au")
    table = with_units(one)
    table["action_units"][-4:] = ["", None, "", ""]
    with pytest.raises(ProtocolError, match="no clip of cas_me_3_a has action units"):
        one.select(**table)
    with pytest.raises(ProtocolError, match="there is no clip of cas_me_3_a"):
        one.select(**{name: values[:-4] for name, values in table.items()})
    with pytest.raises(ProtocolError, match="no clip of casme has action units"):
        one.select(**(table | {"action_units": None}))


def test_single_clips_without_units_and_units_without_clips_are_told():
    one = protocol("samm-au")
    table = with_units(one)
    table["action_units"] = ["AU2", "", "AU7+AU99", "AU99"]
    notices = one.select(**table).notices
    assert notices[0].startswith("1 clip without action units in the annotation")
    assert notices[1] == "1 clip with action units, but none of the protocol's"
    assert "no clip shows AU4: its F1 counts 0" in notices


def test_an_unreadable_action_unit_names_the_clip():
    table = with_units(protocol("samm-au"))
    table["action_units"][2] = "AU4, eyebrow"
    with pytest.raises(ProtocolError, match="row 3: 'AU4, eyebrow' is not a list of action units"):
        protocol("samm-au").select(**table)


def test_another_split_can_be_asked_for():
    from keras_ma2mi.evaluation import parse_split

    taken = protocol("smic-3").select(**listed("smic-3"), split=parse_split("k-fold:4"))
    assert len(taken.folds()) == 4
    assert taken.as_dict()["split"] == "k-fold:4:0"


def test_a_table_that_repeats_a_clip_or_is_ragged_is_refused():
    table = listed("smic-3")
    with pytest.raises(ValueError, match="must not repeat a clip"):
        protocol("smic-3").select(**{name: values * 2 for name, values in table.items()})
    with pytest.raises(ValueError, match="equally long"):
        protocol("smic-3").select(**(table | {"labels": []}))


@settings(deadline=None, max_examples=20)
@given(st.sets(st.integers(0, 163), max_size=160), st.integers(0, 5), st.randoms())
def test_every_clip_of_list_and_table_is_taken_missing_or_surplus(gone, strangers, random):
    table = listed("smic-3")
    members = protocol("smic-3").members()
    table = without(table, {table["clip_ids"][row] for row in gone})
    for number in range(strangers):
        for name, value in columns([f"smic/s99/x{number}"], ["positive"]).items():
            table[name] += value
    order = list(range(len(table["clip_ids"])))
    random.shuffle(order)
    table = {name: [values[row] for row in order] for name, values in table.items()}
    taken = protocol("smic-3").select(**table, allow_missing=True)
    assert sorted([*taken.clip_ids, *taken.missing]) == sorted(members)
    assert sorted([*taken.clip_ids, *taken.surplus]) == sorted(table["clip_ids"])
    assert [table["clip_ids"][row] for row in taken.rows] == list(taken.clip_ids)
    assert taken.targets.tolist() == [members[clip] for clip in taken.clip_ids]
    assert taken.complete == (not gone)


def test_a_changed_list_is_noticed(tmp_path, monkeypatch):
    text = (module._FOLDER / "smic-3.csv").read_text(encoding="utf-8")
    changed = text.replace("s01_ne_01,negative", "s01_ne_01,positive")
    assert changed != text
    (tmp_path / "smic-3.csv").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(module, "_FOLDER", tmp_path)
    with pytest.raises(ProtocolError, match="list of the protocol smic-3 was changed"):
        protocol("smic-3").members()


def test_counts_are_those_of_the_clips_taken():
    taken = protocol("casme2-5").select(**listed("casme2-5"))
    assert Counter(taken.targets.tolist()) == Counter(taken.counts)
