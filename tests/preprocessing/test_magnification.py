import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.magnification import METHODS, magnify_motion
from ma2mi_preprocessing.motion import to_gray
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.process_clip import process_clip
from ma2mi_preprocessing.steerable_pyramid import SteerablePyramid, padded_side
from ma2mi_preprocessing.store_format import options_hash
from tests.preprocessing.pipeline.small_clips import frame_folder

SIDE = 128
MIDDLE = SIDE / 2


def blob(x: float, width: float = 4.0) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    gray = 40 + 160 * np.exp(-((columns - x) ** 2 + (rows - MIDDLE) ** 2) / (2 * width**2))
    return np.rint(gray)[..., None].repeat(3, -1).astype(np.uint8)


def place_of(frame: np.ndarray) -> float:
    """Where the blob that fits best lies."""
    tried = MIDDLE + np.arange(-5, 5.01, 0.05)
    off = [float(np.square(to_gray(frame).astype(float) - to_gray(blob(x))).sum()) for x in tried]
    return float(tried[int(np.argmin(off))])


@given(height=st.integers(16, 120), width=st.integers(16, 120), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_pyramid_gives_every_image_back(height: int, width: int, seed: int) -> None:
    shape = padded_side(height), padded_side(width)
    image = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    pyramid = SteerablePyramid.of_shape(*shape)
    bands, rest = pyramid.analyse(image)
    np.testing.assert_allclose(pyramid.compose(bands, rest), image, atol=2e-5)
    assert sum(band.size for band in bands) < 14 * image.size


@pytest.mark.parametrize(("factor", "shift"), [(2.0, 0.3), (2.0, 1.0), (4.0, 0.3), (4.0, 0.7)])
def test_blob_moves_so_many_times_as_far(factor: float, shift: float) -> None:
    frames = np.stack([blob(MIDDLE), blob(MIDDLE + shift)])
    magnified = magnify_motion(frames, factor, onset=0)
    # A band only carries a movement that is short beside its waves: large ones fall short.
    assert place_of(magnified[1]) - MIDDLE == pytest.approx(factor * shift, rel=0.16)


@pytest.mark.parametrize("wavelength", [8, 12, 24])
@pytest.mark.parametrize("factor", [2.0, 4.0])
def test_phase_of_a_grating_is_moved_by_the_factor(wavelength: int, factor: float) -> None:
    """Within a quarter of a wave, the method is exact where the image is one wave."""
    shift = 0.2 * wavelength / factor
    columns = np.arange(2 * SIDE)[None].repeat(SIDE, 0)
    gratings = [
        np.rint(128 + 100 * np.sin(2 * np.pi * (columns - x) / wavelength)) for x in (0, shift)
    ]
    frames = np.stack(gratings)[..., None].repeat(3, -1).astype(np.uint8)
    magnified = magnify_motion(frames, factor, onset=0)
    # Mirrored at the border, a grating moves the other way.
    inside = np.arange(96, 144)
    inner = to_gray(magnified[1])[:, inside].astype(float)
    wave = np.exp(-2j * np.pi * inside / wavelength)
    phase = np.angle((inner.mean(axis=0) * wave).sum() / -1j)
    assert -phase * wavelength / (2 * np.pi) == pytest.approx(factor * shift, rel=0.08)


@given(
    seed=st.integers(0, 99),
    factor=st.floats(1, 20),
    method=st.sampled_from(METHODS),
    onset=st.sampled_from([None, 0, 2]),
)
@settings(max_examples=25, deadline=None)
def test_static_clip_stays_static(seed: int, factor: float, method: str, onset: int | None) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (40, 33, 3), np.uint8)
    frames = np.stack([picture] * 4)
    out = magnify_motion(frames, factor, method=method, onset=onset, window=2)  # type: ignore[arg-type]
    np.testing.assert_array_equal(out, frames)


@pytest.mark.parametrize("method", METHODS)
def test_factor_one_changes_nothing_and_the_onset_never_changes(
    method: str, rng: np.random.Generator
) -> None:
    frames = rng.integers(0, 256, (3, 48, 48, 3), np.uint8)
    np.testing.assert_array_equal(magnify_motion(frames, 1, method=method), frames)  # type: ignore[arg-type]
    out = magnify_motion(frames, 3, method=method, onset=1)  # type: ignore[arg-type]
    np.testing.assert_array_equal(out[1], frames[1])
    assert (out[0] != frames[0]).any()
    again = magnify_motion(frames, 3, method=method, onset=1)  # type: ignore[arg-type]
    np.testing.assert_array_equal(out, again)


def test_phase_moves_noise_where_the_linear_method_amplifies_it(rng: np.random.Generator) -> None:
    smooth = cv2.GaussianBlur(rng.normal(size=(SIDE, SIDE)), (0, 0), 4)
    still = 128 + 40 * smooth / smooth.std()
    noisy = still + 2 * rng.normal(size=(2, SIDE, SIDE))
    frames = np.clip(np.rint(noisy), 0, 255)[..., None].repeat(3, -1).astype(np.uint8)

    def noise_of(method: str) -> float:
        out = magnify_motion(frames, 6, method=method, onset=0)  # type: ignore[arg-type]
        return float((out[1].astype(float) - out[0]).std())

    before = float((frames[1].astype(float) - frames[0]).std())
    assert noise_of("phase") < 1.8 * before
    assert noise_of("linear") > 1.1 * noise_of("phase")


def test_without_onset_what_is_quick_is_magnified_and_what_drifts_is_not() -> None:
    time = np.arange(40)
    quick = MIDDLE + 0.4 * np.sin(2 * np.pi * time / 10)
    drift = MIDDLE + 0.02 * (time - 20)
    for path, gain in ((quick, 4.0), (drift, 1.0)):
        out = magnify_motion(np.stack([blob(x) for x in path]), 4, window=10)
        after = [place_of(frame) for frame in out[12:28:2]]
        assert np.polyfit(path[12:28:2], after, 1)[0] == pytest.approx(gain, rel=0.2)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"factor": 0.5}, "`factor`"),
        ({"factor": float("nan")}, "`factor`"),
        ({"method": "wavelet"}, "`method`"),
        ({"onset": 2}, "`onset`"),
        ({"window": 0}, "`window`"),
        ({"frames": np.zeros((2, 16, 16), np.uint8)}, "`frames`"),
        ({"frames": np.zeros((2, 16, 16, 3))}, "`frames`"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, object], part: str) -> None:
    arguments: dict[str, object] = {"frames": np.zeros((2, 16, 16, 3), np.uint8), "factor": 2.0}
    arguments |= change
    with pytest.raises(ValueError, match=part):
        magnify_motion(**arguments)  # type: ignore[arg-type]


def test_clip_records_that_it_was_magnified_and_its_key_changes(tmp_path: object) -> None:
    plain = PreprocessOptions(size=32, detector="none")
    larger = PreprocessOptions(size=32, detector="none", magnify=3.0)
    clip = frame_folder(tmp_path, "a", 8)  # type: ignore[arg-type]
    before, after = process_clip(clip, plain), process_clip(clip, larger)
    assert (before.attributes["magnify"], after.attributes["magnify"]) == (1.0, 3.0)
    assert before.frames.shape == after.frames.shape
    assert (before.frames != after.frames).any()
    assert options_hash(plain) != options_hash(larger)
