"""Which heat maps are drawn and shown."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ma2mi_recipes.report.gallery import evenly, hits_and_misses
from tests.recipes.report.made_up import heat_maps

answers = st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), max_size=40)


def chosen(rows, most):
    items = list(enumerate(rows))
    return evenly(items, lambda one: one[1][0], lambda one: one[1][1], most)


@given(answers, st.integers(1, 20))
def test_as_many_are_chosen_as_asked_for_and_none_twice(rows, most):
    found = chosen(rows, most)
    assert len(found) == len(set(found)) == min(most, len(rows))


@given(answers, st.integers(1, 20))
def test_hits_and_misses_are_even_where_there_are_enough(rows, most):
    there, shown = Counter(hit for hit, _ in rows), Counter(row[0] for _, row in chosen(rows, most))
    if min(there[True], there[False]) >= (most + 1) // 2:
        assert abs(shown[True] - shown[False]) <= 1


@given(answers, st.integers(1, 20))
def test_a_class_is_left_behind_only_where_it_has_no_more(rows, most):
    found = chosen(rows, most)
    for hit in (True, False):
        there = Counter(label for is_hit, label in rows if is_hit is hit)
        shown = Counter(row[1] for _, row in found if row[0] is hit)
        most_shown = max(shown.values(), default=0)
        for label, count in there.items():
            assert shown[label] == count or shown[label] >= most_shown - 1


def test_of_a_class_the_whole_range_is_drawn_from():
    found = chosen([(True, "a")] * 100, 4)
    assert [place for place, _ in found] == [12, 37, 62, 87]


def test_a_caption_tells_clip_label_prediction_and_probability():
    hits, misses = hits_and_misses(heat_maps(2))
    assert hits[0].caption == "casme2/sub01/EP00: negative, predicted so (0.900)"
    assert misses[0].caption == "casme2/sub02/EP01: negative, predicted positive (0.700)"
