"""What `optical_flow_tvl1` accepts, refuses and promises, whatever the images show."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing import optical_flow_tvl1
from ma2mi_preprocessing.benchmarks.flow_pairs import known_flow_pair
from tests.preprocessing.flow.scenes import moved_waves, sinusoid_flow, to_bytes


@pytest.fixture(scope="module")
def pair():
    rng = np.random.default_rng(3)
    reference, moving = moved_waves(64, 80, sinusoid_flow(64, 80, 1.2))
    return to_bytes(reference, rng, 1.0), to_bytes(moving, rng, 1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, ">f4"])
def test_unit_range_floats_give_the_flow_of_the_bytes(pair, dtype):
    expected = optical_flow_tvl1(*pair)
    flow = optical_flow_tvl1(*((image / 255).astype(dtype) for image in pair))
    np.testing.assert_allclose(flow, expected, atol=1e-3)


def test_byte_and_float_images_may_be_mixed(pair):
    flow = optical_flow_tvl1(pair[0], pair[1] / 255)
    np.testing.assert_allclose(flow, optical_flow_tvl1(*pair), atol=1e-3)


def _strided(image):
    spread = np.zeros((2 * image.shape[0], 3 * image.shape[1]), image.dtype)
    spread[::2, ::3] = image
    return spread[::2, ::3]


def _read_only(image):
    copy = image.copy()
    copy.flags.writeable = False
    return copy


@pytest.mark.parametrize(
    "layout", [np.asfortranarray, _strided, _read_only, lambda image: image[::-1].copy()[::-1]]
)
@pytest.mark.parametrize("scale", [1, 1 / 255])
def test_memory_layout_does_not_matter(pair, layout, scale):
    pair = [image if scale == 1 else (image * np.float32(scale)) for image in pair]
    expected = optical_flow_tvl1(*pair)
    flow = optical_flow_tvl1(*(layout(image) for image in pair))
    np.testing.assert_array_equal(flow, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_inputs_are_never_modified(pair, dtype):
    images = [image if dtype is np.uint8 else (image / 255).astype(dtype) for image in pair]
    before = [image.copy() for image in images]
    optical_flow_tvl1(*images)
    for image, copy in zip(images, before, strict=True):
        np.testing.assert_array_equal(image, copy)


def test_nested_lists_are_taken(pair):
    lists = [(image / 255).tolist() for image in pair]
    np.testing.assert_allclose(optical_flow_tvl1(*lists), optical_flow_tvl1(*pair), atol=1e-3)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_batch_equals_its_pairs_for_any_number_of_threads(pair, threads):
    reference = np.stack([pair[0], pair[1], pair[0][::-1]])
    moving = np.stack([pair[1], pair[0], pair[1][::-1]])
    flow = optical_flow_tvl1(reference, moving, threads=threads)
    expected = [optical_flow_tvl1(a, b) for a, b in zip(reference, moving, strict=True)]
    np.testing.assert_array_equal(flow, expected)
    np.testing.assert_array_equal(flow, optical_flow_tvl1(reference, moving, threads=threads))


@settings(max_examples=25, deadline=None)
@given(height=st.integers(16, 75), width=st.integers(16, 75), seed=st.integers(0, 2**32 - 1))
def test_any_size_and_any_content_give_finite_deterministic_flow(height, width, seed):
    reference, moving = np.random.default_rng(seed).integers(
        0, 256, (2, height, width), dtype=np.uint8
    )
    flow = optical_flow_tvl1(reference, moving)
    assert flow.shape == (height, width, 2)
    assert np.isfinite(flow).all()
    np.testing.assert_array_equal(flow, optical_flow_tvl1(reference, moving))


@pytest.mark.parametrize(("height", "width"), [(16, 16), (16, 700), (701, 17), (2160, 3840)])
def test_smallest_longest_and_4k_images_are_taken(height, width):
    rng = np.random.default_rng(2)
    base = rng.integers(0, 256, (height // 8 + 2, width // 8 + 2), dtype=np.uint8)
    reference = np.kron(base, np.ones((8, 8), np.uint8))[:height, :width]
    reference = cv2.blur(reference, (9, 9))
    flow = optical_flow_tvl1(reference, np.roll(reference, 1, axis=1))
    assert flow.shape == (height, width, 2)
    assert np.isfinite(flow).all()
    assert abs(np.median(flow[..., 0]) - 1) < 0.2
    assert abs(np.median(flow[..., 1])) < 0.2


@st.composite
def image_pairs(draw):
    """Waves that move, some out of the image, or textures with motion edges or changing light."""
    height, width = draw(st.integers(16, 81)), draw(st.integers(16, 81))
    seed = draw(st.integers(0, 999))
    kind = draw(st.sampled_from(["waves", "smooth", "discontinuity", "lighting"]))
    if kind == "waves":
        rng = np.random.default_rng(seed)
        peak = draw(st.sampled_from([0.3, 1.0, 4.0]))
        images = moved_waves(height, width, sinusoid_flow(height, width, peak))
        return np.stack([to_bytes(image, rng, 1.0) for image in images])
    pair = known_flow_pair(96, 1.0, draw(st.integers(0, 11)), seed=seed, kind=kind)
    return np.stack((pair.reference, pair.moving))[:, :height, :width]


@settings(max_examples=30, deadline=None)
@given(pair=image_pairs())
def test_transposed_images_give_the_transposed_flow(pair):
    flow = optical_flow_tvl1(*pair)
    transposed = optical_flow_tvl1(*pair.transpose(0, 2, 1))
    _check_nearly_equal(transposed.transpose(1, 0, 2)[..., ::-1], flow)


@settings(max_examples=30, deadline=None)
@given(pair=image_pairs(), axis=st.sampled_from([0, 1]))
def test_mirrored_images_give_the_mirrored_flow(pair, axis):
    flow = optical_flow_tvl1(*pair)
    mirrored = np.flip(optical_flow_tvl1(*np.flip(pair, 1 + axis)), axis)
    mirrored = mirrored * np.where(np.arange(2) == 1 - axis, -1, 1)
    _check_nearly_equal(mirrored, flow)


def _check_nearly_equal(ours, theirs):
    """To 0.001 px, but for the odd pixel between two solutions that are equally good."""
    difference = np.abs(ours - theirs)
    assert (difference > 1e-3).mean() < 0.01
    assert difference.mean() < 1e-4
    assert difference.max() < 0.2


def test_unrelated_noise_images_are_nearly_symmetric_too():
    """There is no flow to find, and rounding errors grow; they must not become another flow."""
    pair = np.random.default_rng(8).integers(0, 256, (2, 70, 64), dtype=np.uint8)
    flow = optical_flow_tvl1(*pair)
    transposed = optical_flow_tvl1(*pair.transpose(0, 2, 1)).transpose(1, 0, 2)[..., ::-1]
    assert np.abs(transposed - flow).mean() < 0.05
    assert np.abs(flow).mean() > 0.5


GRAY = np.zeros((32, 32), np.uint8)


@pytest.mark.parametrize(
    ("reference", "moving", "received"),
    [
        (GRAY, np.zeros((32, 33), np.uint8), r"moving.shape=\(32, 33\)"),
        (GRAY, np.zeros((2, 32, 32), np.uint8), r"moving.shape=\(2, 32, 32\)"),
        (np.zeros((32, 32, 3), np.uint8),) * 2 + (r"gray.*\(32, 32, 3\)",),
        (np.zeros((4, 32, 32, 3), np.uint8),) * 2 + (r"gray.*\(4, 32, 32, 3\)",),
        (np.zeros(32, np.uint8),) * 2 + (r"\(32,\)",),
        (np.zeros((0, 32, 32), np.uint8),) * 2 + (r"empty.*\(0, 32, 32\)",),
        (np.zeros((0, 0), np.uint8),) * 2 + (r"empty.*\(0, 0\)",),
        (np.zeros((15, 32), np.uint8),) * 2 + (r"16x16.*\(15, 32\)",),
        (GRAY.astype(np.int32),) * 2 + ("dtype=int32",),
        (GRAY.astype(bool),) * 2 + ("dtype=bool",),
        (GRAY.astype(complex),) * 2 + ("dtype=complex128",),
    ],
)
def test_unusable_images_are_refused_saying_what_was_received(reference, moving, received):
    with pytest.raises(ValueError, match=received):
        optical_flow_tvl1(reference, moving)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("which", ["reference", "moving"])
def test_a_single_value_that_is_not_finite_is_refused(bad, which):
    images = {"reference": np.zeros((32, 32)), "moving": np.zeros((32, 32))}
    images[which][7, 9] = bad
    with pytest.raises(ValueError, match=rf"`{which}` must be finite.*index \(7, 9\)"):
        optical_flow_tvl1(**images)


def test_floats_in_the_range_of_bytes_are_warned_of(pair):
    reference, moving = (image.astype(np.float32) for image in pair)
    with pytest.warns(UserWarning, match=r"` .* 0\.\.1 are expected, but reaches"):
        optical_flow_tvl1(reference, moving)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attachment", 0.0),
        ("tightness", -1.0),
        ("time_step", float("nan")),
        ("warps", 0),
        ("iterations", 2.5),
        ("levels", 0),
        ("threads", 0),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be .*{name}={value}"):
        optical_flow_tvl1(GRAY, GRAY, **{name: value})
