"""The pairs that flow methods are judged on keep what they promise."""

import dataclasses

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.benchmarks.flow_lighting import CHANGES
from ma2mi_preprocessing.benchmarks.flow_outlines import draw_outline
from ma2mi_preprocessing.benchmarks.flow_pairs import PAIR_KINDS, known_flow_pair
from ma2mi_preprocessing.benchmarks.flow_pieces import EDGE_WIDTH, PIECE_SHIFTS
from ma2mi_preprocessing.benchmarks.flow_scenes import PEAKS, SWAY
from ma2mi_preprocessing.benchmarks.flow_textures import TEXTURES, texture

FIELDS = ("reference", "moving", "flow", "occluded", "edge")


def residual(pair):
    """What is left of the reference once the moving image is pulled back by the true flow."""
    height, width = pair.reference.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pulled = cv2.remap(
        pair.moving.astype(np.float32),
        x + pair.flow[..., 0],
        y + pair.flow[..., 1],
        cv2.INTER_LANCZOS4,
        borderMode=cv2.BORDER_REFLECT,
    )
    return np.abs(pulled - pair.reference)


def blurred(image):
    return cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1.0)


def grown(mask, radius):
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return cv2.dilate(mask.astype(np.uint8), (np.hypot(x, y) <= radius).astype(np.uint8)) > 0


def speeds(pair):
    return np.linalg.norm(pair.flow, axis=-1)


def single_piece_over_still(size, shift):
    """One piece that moves by `shift`, and nothing else moving."""
    index = {0.5: 0, 1.0: 9, 2.0: 18, 3.0: 27}[shift]
    pair = known_flow_pair(size, 0.0, index, kind="discontinuity")
    assert pair.name.startswith("1 over still")
    assert np.median(speeds(pair)[speeds(pair) > 0]) == pytest.approx(shift, abs=0.05)
    return pair


@pytest.mark.parametrize("index", range(len(TEXTURES)))
def test_smooth_pairs_keep_the_promised_relation(index):
    pair = known_flow_pair(96, 0.0, index)
    # Detail near the sampling limit changes with each fraction of a pixel, as in a camera.
    pair = dataclasses.replace(pair, reference=blurred(pair.reference), moving=blurred(pair.moving))
    inner = (slice(6, -6), slice(6, -6))
    after = residual(pair)[inner].mean()
    before = np.abs(pair.moving - pair.reference)[inner].mean()
    # Rounding to 8 bits leaves 0.1 grey levels.
    assert after < 0.3 * before + 0.1


@pytest.mark.parametrize("index", range(6))
def test_pieces_show_the_same_before_and_after_wherever_they_are_not_occluded(index):
    pair = known_flow_pair(128, 0.0, index, kind="discontinuity")
    # The last pixels before an edge mix two layers, and interpolation looks 4 pixels around.
    seen = ~grown(pair.occluded, 1.5) & ~grown(pair.edge, 1.5)
    seen[:4] = seen[-4:] = seen[:, :4] = seen[:, -4:] = False
    left = residual(pair)
    before = np.abs(pair.moving.astype(float) - pair.reference)
    moving = seen & (speeds(pair) > 0.1)
    assert seen.mean() > 0.5
    assert moving.any()
    assert left[moving].mean() < 0.8 * before[moving].mean()
    assert left[seen].mean() < 3.0
    assert left[pair.occluded].mean() > 3 * left[seen].mean()


def test_a_still_background_stays_exactly_where_it_is():
    pair = single_piece_over_still(96, 2.0)
    still = (speeds(pair) == 0) & ~pair.occluded & ~pair.edge
    assert still.sum() > 1000
    np.testing.assert_array_equal(pair.reference[still], pair.moving[still])


def test_a_piece_hides_what_lies_ahead_of_it():
    pair = single_piece_over_still(128, 3.0)
    piece = speeds(pair) > 0
    u, v = np.median(pair.flow[piece], axis=0)
    # The piece itself is in front, so only background is hidden: where the piece arrives.
    assert not (pair.occluded & piece).any()
    arrives = cv2.warpAffine(
        piece.astype(np.float32), np.float32([[1, 0, u], [0, 1, v]]), piece.shape[::-1]
    )
    expected = (arrives > 0.5) & ~piece
    assert expected.sum() > 50
    assert (pair.occluded != expected).sum() < 0.2 * expected.sum()


def test_edges_are_what_lies_near_a_change_of_motion():
    pair = single_piece_over_still(96, 1.0)
    piece = speeds(pair) > 0
    # The edge runs half a pixel before the next pixel's centre.
    expected = grown(piece, EDGE_WIDTH + 0.5) & grown(~piece, EDGE_WIDTH + 0.5)
    np.testing.assert_array_equal(pair.edge, expected)


@pytest.mark.parametrize("index", range(len(CHANGES)))
def test_lighting_touches_the_moving_image_only(index):
    smooth = known_flow_pair(64, 0.0, index)
    lit = known_flow_pair(64, 0.0, index, kind="lighting")
    np.testing.assert_array_equal(lit.reference, smooth.reference)
    np.testing.assert_array_equal(lit.flow, smooth.flow)
    change = lit.moving.astype(float) - smooth.moving
    assert 1 < np.abs(change).mean() < 40
    # Dark pixels are rounded too coarsely, and the brightest may be clipped.
    usable = (smooth.moving > 60) & (lit.moving > 0) & (lit.moving < 255)
    factors = lit.moving[usable] / smooth.moving[usable]
    match lit.name.split(", ")[-1]:
        case "gain":
            assert 0.03 < abs(np.median(factors) - 1) < 0.105
            assert factors.std() < 0.01
        case "offset":
            assert 3 < abs(np.median(change)) <= 10
            assert np.ptp(change[usable]) <= 1
        case "flicker":
            assert factors.std() > 0.01
            assert 0.85 < factors.min() < factors.max() < 1.15
        case several:
            assert "+" in several
            assert factors.std() > 0.005


@pytest.mark.parametrize("kind", ["smooth", "lighting"])
def test_smooth_motion_peaks_where_it_should(kind):
    for index in range(8):
        peak = speeds(known_flow_pair(48, 0.0, index, kind=kind)).max()
        promised = PEAKS[index % 4]
        sway = SWAY if index in (3, 6) else 0
        # 2x2 averaging may miss the very top.
        assert 0.9 * promised - sway < peak < promised + sway + 1e-3


def test_pieces_move_by_half_a_pixel_to_three():
    fastest = [
        speeds(known_flow_pair(64, 0.0, index, kind="discontinuity")).max() for index in range(8)
    ]
    assert min(PIECE_SHIFTS) <= min(fastest)
    # A piece may also turn a little.
    assert 2.5 < max(fastest) < max(PIECE_SHIFTS) + 0.4


def test_one_smooth_pair_in_four_moves_as_a_whole():
    swaying = [
        index
        for index in range(16)
        if np.linalg.norm(np.median(known_flow_pair(32, 0.0, index).flow, axis=(0, 1))) > SWAY / 2
        and speeds(known_flow_pair(32, 0.0, index))[0].min() > SWAY / 2
    ]
    assert swaying == [3, 6, 9, 12]


def test_thirty_six_pairs_show_each_texture_with_each_peak():
    smooth = {known_flow_pair(16, 0.0, index).name for index in range(36)}
    assert smooth == {f"{name}, {peak} px" for name in TEXTURES for peak in PEAKS}
    scenes = [
        known_flow_pair(16, 0.0, index, kind="discontinuity").name.split() for index in range(36)
    ]
    assert len({(pieces, behind, px) for pieces, _, behind, _, px, _ in scenes}) == 36
    assert len({(picture, pieces, behind) for pieces, _, behind, picture, _, _ in scenes}) == 36


@pytest.mark.parametrize("kind", PAIR_KINDS)
def test_pairs_depend_on_their_arguments_only(kind):
    first = known_flow_pair(48, 2.0, 3, kind=kind)
    for index in range(6):
        known_flow_pair(48, 1.0, index, kind=kind)
    again = known_flow_pair(48, 2.0, 3, kind=kind)
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(first, field), getattr(again, field))
    other = known_flow_pair(48, 2.0, 3, seed=1, kind=kind)
    assert (first.flow != other.flow).any()
    assert (first.reference != other.reference).any()


@pytest.mark.parametrize("kind", PAIR_KINDS)
def test_noise_changes_the_images_but_neither_scene_nor_truth(kind):
    clean, noisy = (known_flow_pair(64, noise, 1, kind=kind) for noise in (0.0, 2.0))
    for field in ("flow", "occluded", "edge"):
        np.testing.assert_array_equal(getattr(clean, field), getattr(noisy, field))
    for image in ("reference", "moving"):
        difference = getattr(noisy, image).astype(float) - getattr(clean, image)
        assert 1.5 < difference.std() < 2.5


@pytest.mark.parametrize("kind", PAIR_KINDS)
def test_fields_have_the_promised_types(kind):
    pair = known_flow_pair(48, 1.0, 0, kind=kind)
    assert [getattr(pair, field).dtype for field in FIELDS] == [
        np.uint8, np.uint8, np.float32, np.bool_, np.bool_,
    ]  # fmt: skip
    assert {getattr(pair, field).shape[:2] for field in FIELDS} == {(48, 48)}
    assert pair.edge.any() == (kind == "discontinuity")


def test_changing_a_pair_changes_no_later_one():
    pair = known_flow_pair(48, 0.0, 0, kind="discontinuity")
    pair.edge[:] = False
    assert known_flow_pair(48, 0.0, 0, kind="discontinuity").edge.any()


def test_unknown_kinds_are_refused():
    with pytest.raises(ValueError, match="kind='rough'"):
        known_flow_pair(48, 0.0, 0, kind="rough")


@pytest.mark.parametrize("name", TEXTURES)
def test_textures_fill_the_grey_levels(name, rng):
    picture = texture(name, 96, rng)
    assert picture.shape == (96, 96)
    assert picture.min() >= 0
    assert picture.max() <= 255
    assert picture.std() > 15


@pytest.mark.parametrize("shape", ["ellipse", "polygon", "blob"])
def test_outlines_measure_distance_where_they_are(shape, rng):
    outline = draw_outline(shape, (30.0, 20.0), 10.0, rng)
    y, x = np.mgrid[:40:0.25, :60:0.25]
    distance = outline(x, y)
    assert outline(np.array([30.0]), np.array([20.0]))[0] < 0
    inside = (distance < 0).astype(np.uint8)
    assert 100 < inside.sum() / 16 < 600
    true = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / 4
    near = (distance > 0) & (distance < 0.75)
    assert np.abs(distance - true)[near].mean() < 0.3
