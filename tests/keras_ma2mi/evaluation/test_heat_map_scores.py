import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_ma2mi.evaluation import mass_inside, moving_regions, pointing_hits, region_overlap

REGION = np.array([[[True, True], [False, False]]])


def maps_and_regions() -> st.SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    values = st.integers(0, 4).map(float)
    return st.tuples(
        arrays.arrays(np.float64, (3, 4, 4), elements=values),
        arrays.arrays(np.bool_, (3, 4, 4)),
    )


def test_a_place_moves_from_a_share_of_the_largest_displacement_on() -> None:
    flow = np.zeros((2, 2, 2, 2))
    flow[0, 0, 0] = 3.0, 4.0
    flow[0, 0, 1] = 0.0, -2.6
    flow[0, 1, 0] = 2.5, 0.0
    np.testing.assert_array_equal(
        moving_regions(flow), [[[True, True], [False, False]], [[False, False], [False, False]]]
    )
    assert moving_regions(flow, share=0.6)[0].sum() == 1
    for shape, share in (((2, 2, 2), 0.5), ((1, 2, 2, 3), 0.5), ((1, 2, 2, 2), 1.0)):
        with pytest.raises(ValueError, match="must"):
            moving_regions(np.ones(shape), share)


@pytest.mark.parametrize(
    ("heat", "pointing", "overlap", "mass"),
    [
        ([[9, 3], [1, 0]], 1.0, 1.0, 12 / 13),
        ([[5, 1], [3, 1]], 1.0, 1 / 3, 6 / 10),
        ([[0, 1], [5, 4]], 0.0, 0.0, 1 / 10),
        # One of three highest places lies outside; of them two are taken.
        ([[2, 2], [2, 0]], 2 / 3, (4 / 3) / (4 - 4 / 3), 2 / 3),
        ([[4, 0], [0, -9]], 1.0, (1 + 1 / 2) / (4 - 3 / 2), 1.0),
        ([[-1, -1], [-1, -1]], 0.5, 1 / 3, 0.5),
    ],
)
def test_maps_score_as_counted_by_hand(
    heat: list[list[float]], pointing: float, overlap: float, mass: float
) -> None:
    maps = np.array([heat], float)
    assert pointing_hits(maps, REGION)[0] == pytest.approx(pointing)
    assert region_overlap(maps, REGION)[0] == pytest.approx(overlap)
    assert mass_inside(maps, REGION)[0] == pytest.approx(mass)


@given(maps_and_regions())
@settings(max_examples=80, deadline=None)
def test_scores_are_shares_and_only_order_matters_for_two_of_them(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    maps, regions = drawn
    regions[:, 0, 0] = True
    area = regions.mean(axis=(1, 2))
    for score in (pointing_hits, region_overlap, mass_inside):
        values = score(maps, regions)
        assert values.shape == (3,)
        assert (values >= 0).all() and (values <= 1 + 1e-12).all()
        np.testing.assert_allclose(score(regions, regions), 1.0)
    for score in (pointing_hits, region_overlap):
        np.testing.assert_allclose(score(np.exp(maps) - 5, regions), score(maps, regions))
    flat = np.full_like(maps, 0.3)
    np.testing.assert_allclose(pointing_hits(flat, regions), area)
    np.testing.assert_allclose(mass_inside(flat, regions), area)
    np.testing.assert_allclose(region_overlap(flat, regions), area / (2 - area))


@given(maps_and_regions(), st.integers(0, 2**20))
@settings(max_examples=30, deadline=None)
def test_equal_heat_counts_as_the_mean_over_all_ways_to_break_the_tie(
    drawn: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    maps, regions = drawn
    regions[:, 1, 1] = True
    rng = np.random.default_rng(seed)
    broken = [
        pointing_hits(maps + 1e-3 * rng.random(maps.shape), regions).mean() for _ in range(400)
    ]
    assert np.mean(broken) == pytest.approx(pointing_hits(maps, regions).mean(), abs=0.1)


def test_what_cannot_be_scored_is_refused() -> None:
    maps = np.ones((1, 2, 2))
    for other, said in ((REGION[:, :1], "one shape"), (REGION & False, "1 empty")):
        with pytest.raises(ValueError, match=said):
            region_overlap(maps, other)
    with pytest.raises(ValueError, match="finite"):
        mass_inside(maps * np.nan, REGION)
