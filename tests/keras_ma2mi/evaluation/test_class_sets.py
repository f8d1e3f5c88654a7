"""Class sets, and what they leave out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.evaluation import ProtocolError, all_class_sets, all_protocols, class_set

LABELS = ["Disgust", "happiness", "surprise", "others", None, "tense", "others", ""]


def test_three_classes_leave_out_the_rest_and_count_it():
    found = class_set("3").assign(LABELS)
    assert found.classes == ("negative", "positive", "surprise")
    assert found.rows.tolist() == [0, 1, 2]
    assert found.targets.tolist() == ["negative", "positive", "surprise"]
    assert found.left_out == {"(no label)": 2, "others": 2, "tense": 1}
    assert found.left_out_rows.tolist() == [3, 4, 5, 6, 7]
    assert found.absent_classes == ()


def test_native_never_merges_two_spellings():
    found = class_set("native").assign(["other", "others", "Others", "sad", "sadness", None])
    assert found.classes == ("Others", "other", "others", "sad", "sadness")
    assert found.left_out == {"(no label)": 1}


def test_absent_classes_stay_in_the_class_set():
    found = class_set("4").assign(["anger", "happy"])
    assert found.classes == ("negative", "positive", "surprise", "others")
    assert found.absent_classes == ("surprise", "others")


def test_a_mapping_of_ones_own():
    mine = class_set("bad = disgust+repression, good=happiness,surprise")
    assert dict(mine.classes) == {
        "bad": ("disgust", "repression"),
        "good": ("happiness",),
        "surprise": ("surprise",),
    }
    found = mine.assign(["repression", "surprise", "fear"])
    assert found.targets.tolist() == ["bad", "surprise"]
    assert found.unused_labels == ("disgust", "happiness")


def test_labels_with_a_plus_are_joined_by_a_bar():
    mine = class_set("good=positive|positive+surprise,bad=negative,both=negative+surprise|")
    assert mine.classes["good"] == ("positive", "positive+surprise")
    found = mine.assign(["Positive+Surprise", "negative", "negative+surprise", "surprise"])
    assert found.targets.tolist() == ["good", "bad", "both"]
    assert found.left_out == {"surprise": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5", "no class set '5'; known: native, 3, 4, casme2-5"),
        ("a=x,b=x", "label 'x' into more than one class"),
        ("a=x+x,b=y", "label 'x' into more than one class"),
        ("a=X,x", "label 'x' into more than one class"),
        ("a=x,a=y", "the class 'a' twice"),
        ("a=,b=y", "'a=' .* is not CLASS=LABEL"),
        ("a,,b", "is not CLASS=LABEL"),
        ("=x,b", "is not CLASS=LABEL"),
    ],
)
def test_a_text_that_is_no_class_set_says_what_is_wrong(text, message):
    with pytest.raises(ProtocolError, match=message):
        class_set(text)


def test_fewer_than_two_classes_are_refused_with_the_labels_at_hand():
    with pytest.raises(ProtocolError, match=r"fewer than two .*: anger \(2\), tense \(1\)"):
        class_set("3").assign(["anger", "tense", "anger"])


def test_every_protocol_of_emotions_has_its_class_set():
    sets = {one.name: one for one in all_class_sets()}
    for one in all_protocols():
        if one.classes and one.list_name == one.name:
            assert sets[one.name].classes == one.classes
    for one in sets.values():
        labels = [label for group in one.classes.values() for label in group]
        assert len(labels) == len(set(labels))


@settings(deadline=None)
@given(st.lists(st.sampled_from([*LABELS, "sad", "fear", "other"]), min_size=1, max_size=30))
def test_no_clip_is_lost_uncounted(labels):
    for name in ("native", "3", "4"):
        try:
            found = class_set(name).assign(labels)
        except ProtocolError:
            continue
        assert sorted([*found.rows, *found.left_out_rows]) == list(range(len(labels)))
        assert sum(found.left_out.values()) == len(found.left_out_rows)
        assert set(found.targets.tolist()) <= set(found.classes)
