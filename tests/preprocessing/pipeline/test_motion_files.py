"""Published motion in all its forms becomes u, v, strain."""

from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.motion import optical_strain
from ma2mi_preprocessing.motion_files import is_motion_source
from ma2mi_preprocessing.motion_scaling import minmax_scaled
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.process_clip import process_clip
from ma2mi_preprocessing.processed_clip import ClipError, ProcessedClip

OPTIONS = PreprocessOptions(size=32, detector="none")


@pytest.fixture
def motion(rng: np.random.Generator) -> np.ndarray:
    """u, v, strain in pixels."""
    flow = cv2.GaussianBlur(rng.normal(size=(28, 28, 2)), (0, 0), 3).astype(np.float32)
    return np.concatenate([flow, optical_strain(flow)[..., None]], axis=-1)


def read(source: Path, **columns: str) -> ProcessedClip:
    return process_clip(Clip("m", source, kind="motion", **columns), OPTIONS)  # type: ignore[arg-type]


def write_image(path: Path, red_green_blue: np.ndarray) -> Path:
    scaled = np.rint(minmax_scaled(red_green_blue) * 255).astype(np.uint8)
    assert cv2.imwrite(str(path), scaled[..., ::-1])
    return path


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_images_of_every_order_give_u_v_strain(
    order: tuple[int, ...], motion: np.ndarray, tmp_path: Path
) -> None:
    names = "-".join(("u", "v", "strain")[place] for place in order)
    image = write_image(tmp_path / "a.png", motion[..., order])
    processed = read(image, motion_channels=names)
    np.testing.assert_allclose(processed.motion, minmax_scaled(motion), atol=0.51 / 255)
    assert processed.attributes["motion_channels"] == names
    assert processed.attributes["motion_kind"] == "flow"


def test_image_that_opencv_was_given_u_v_strain_needs_no_word(
    motion: np.ndarray, tmp_path: Path
) -> None:
    scaled = np.rint(minmax_scaled(motion) * 255).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), scaled)
    np.testing.assert_array_equal(read(tmp_path / "a.png").motion, (scaled / 255).astype("f4"))


def test_sixteen_bits_keep_their_steps(motion: np.ndarray, tmp_path: Path) -> None:
    scaled = np.rint(minmax_scaled(motion) * 65535).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), scaled)
    np.testing.assert_allclose(read(tmp_path / "a.png").motion, scaled / 65535, atol=1e-6)


@pytest.mark.parametrize("suffix", [".png", ".npy"])
def test_three_files_with_an_onset_make_one_clip(
    suffix: str, motion: np.ndarray, tmp_path: Path
) -> None:
    folder = tmp_path / "ep01"
    folder.mkdir()
    scaled = np.rint(minmax_scaled(motion) * 255).astype(np.uint8)
    for place, name in enumerate(("ep01_u", "ep01_v", "ep01_os")):
        if suffix == ".npy":
            np.save(folder / f"{name}.npy", motion[..., place])
        else:
            cv2.imwrite(str(folder / f"{name}.png"), scaled[..., place])
    cv2.imwrite(str(folder / "onset.png"), np.full((28, 28, 3), (1, 2, 3), np.uint8))
    processed = read(folder)
    expected = motion if suffix == ".npy" else scaled / 255
    np.testing.assert_allclose(processed.motion, expected, atol=1e-6)
    assert processed.attributes["motion_scaling"] == ("pixels" if suffix == ".npy" else "minmax")
    np.testing.assert_array_equal(processed.frames[0, 0, 0], (3, 2, 1))
    assert is_motion_source(folder)


def test_strain_is_computed_where_only_u_and_v_were_published(
    motion: np.ndarray, tmp_path: Path
) -> None:
    np.save(tmp_path / "a.npy", motion[..., 1::-1])
    processed = read(tmp_path / "a.npy", motion_channels="v-u")
    np.testing.assert_allclose(processed.motion, motion, atol=1e-6)
    with pytest.raises(ClipError, match="strain cannot be computed"):
        np.save(tmp_path / "b.npy", minmax_scaled(motion[..., :2]))
        read(tmp_path / "b.npy", motion_channels="u-v", motion_scaling="minmax")


def test_scaled_arrays_of_both_ranges_come_out_in_unit_range(
    motion: np.ndarray, tmp_path: Path
) -> None:
    for name, most in (("a", 1), ("b", 255)):
        np.save(tmp_path / f"{name}.npy", most * minmax_scaled(motion))
        processed = read(tmp_path / f"{name}.npy", motion_scaling="minmax")
        np.testing.assert_allclose(processed.motion, minmax_scaled(motion), atol=1e-6)


def test_what_cannot_be_is_refused(motion: np.ndarray, tmp_path: Path) -> None:
    image = write_image(tmp_path / "a.png", motion)
    gray, text = tmp_path / "gray.png", tmp_path / "a.txt"
    cv2.imwrite(str(gray), np.zeros((28, 28), np.uint8))
    text.write_text("u v s")
    np.save(tmp_path / "pixels.npy", motion)
    np.save(tmp_path / "flat.npy", motion[..., 0])
    (tmp_path / "broken.png").write_bytes(b"\x89PNG broken")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    cases: list[tuple[Path, dict[str, str], str]] = [
        (image, {"motion_scaling": "pixels"}, "no negative displacement"),
        (image, {"motion_channels": "u-v"}, "has 3 channels"),
        (gray, {}, "three channels"),
        (text, {}, "no motion file"),
        (tmp_path / "pixels.npy", {"motion_scaling": "minmax"}, "said to be min-max"),
        (tmp_path / "flat.npy", {}, r"\(H, W, C\)"),
        (tmp_path / "broken.png", {}, "no readable image"),
        (tmp_path / "empty.png", {}, "no readable image"),
        (tmp_path / "folder", {}, "no file for u"),
        (tmp_path / "nothing.png", {}, "nothing at"),
    ]
    for source, columns, part in cases:
        with pytest.raises(ClipError, match=part) as caught:
            read(source, **columns)
        assert caught.value.stage == "read"
        assert "\n" not in str(caught.value)


def test_jpeg_is_taken_with_a_note(motion: np.ndarray, tmp_path: Path) -> None:
    assert "blends" in read(write_image(tmp_path / "a.jpg", motion)).attributes["notes"][0]


def test_motion_is_not_magnified(motion: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", motion)
    options = PreprocessOptions(size=32, detector="none", magnify=2.0)
    with pytest.raises(ClipError, match="magnif"):
        process_clip(Clip("m", tmp_path / "a.npy", kind="motion"), options)


def test_minmax_of_a_constant_channel_is_zero() -> None:
    values = np.dstack([np.full((4, 4), 3.0), np.arange(16.0).reshape(4, 4)]).astype(np.float32)
    scaled = minmax_scaled(values)
    assert (scaled[..., 0] == 0).all()
    assert (scaled[..., 1].min(), scaled[..., 1].max()) == (0, 1)
