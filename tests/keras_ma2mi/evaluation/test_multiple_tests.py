"""Holm's adjustment against cases computed by hand and against what defines it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_ma2mi.evaluation import holm_adjusted

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_adjusted_values_equal_those_computed_by_hand():
    # Sorted 0.005, 0.011, 0.02, 0.04 times 4, 3, 2, 1: 0.02, 0.033, 0.04, 0.04.
    assert holm_adjusted([0.02, 0.005, 0.04, 0.011]) == pytest.approx([0.04, 0.02, 0.04, 0.033])
    # 0.03 * 2 = 0.06 stays above 0.04 * 1, which is lifted to it.
    assert holm_adjusted([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_one_test_alone_needs_no_correction_and_none_is_fine():
    assert holm_adjusted([0.04]) == [0.04]
    assert holm_adjusted([]) == []


@given(p_values)
def test_values_never_shrink_pass_one_or_change_their_order(values):
    adjusted = np.array(holm_adjusted(values))
    assert (adjusted >= np.array(values)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(values, kind="stable")]) >= 0).all()


@given(p_values, st.randoms(use_true_random=False))
def test_the_order_of_the_tests_does_not_matter(values, random):
    places = list(range(len(values)))
    random.shuffle(places)
    shuffled = holm_adjusted([values[place] for place in places])
    assert shuffled == [holm_adjusted(values)[place] for place in places]


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_value_is_refused(wrong):
    with pytest.raises(ValueError, match="`p_values` must be between 0 and 1"):
        holm_adjusted([0.5, wrong])
