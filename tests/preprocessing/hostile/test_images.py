"""Folders with images that are broken, deep, transparent, or of different sizes."""

import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.images import read_image, significant_bits
from ma2mi_preprocessing.pipeline import preprocess
from ma2mi_preprocessing.process_clip import process_clip
from ma2mi_preprocessing.store import open_store
from tests.preprocessing.hostile.broken_files import reason, run_beside_a_good_clip, video
from tests.preprocessing.pipeline.small_clips import OPTIONS, frame_folder, moving_texture

LONG = 24


def long_clip(root: Path, *damaged: int, **keys: int) -> Clip:
    clip = frame_folder(root, "long", LONG, **keys)
    for index in damaged:
        (clip.source / f"img{index + 1}.png").write_bytes(b"\x89PNG and no more")
    return clip


def test_damaged_image_costs_its_frame_and_not_the_clip(tmp_path: Path) -> None:
    clip = long_clip(tmp_path, 0, 5, onset=2, apex=9, offset=14)
    run_beside_a_good_clip(tmp_path, clip)
    stored = open_store(tmp_path / "store").read("long")
    everything = moving_texture(LONG, seed=sum(map(ord, "long")))
    expected = np.delete(everything, [0, 5], axis=0)
    np.testing.assert_array_equal(stored.frames[:], expected)
    # The key frames are the same pictures as before, at the places that they now have.
    assert (stored.onset, stored.apex, stored.offset) == (1, 7, 12)
    np.testing.assert_array_equal(stored.frames[stored.apex], everything[9])
    assert stored.first_frame == 1
    assert stored.attributes["frames_dropped"] == 2
    assert "left out 2 damaged frames: img1.png, img6.png" in stored.attributes["notes"]


@pytest.mark.parametrize(("name", "index"), [("onset", 2), ("apex", 9)])
def test_damaged_key_frame_is_not_replaced_by_another(
    name: str, index: int, tmp_path: Path
) -> None:
    text = reason(tmp_path, long_clip(tmp_path, index, onset=2, apex=9, offset=14))
    assert text.startswith(f"{name} {index} is damaged: ")
    assert text.endswith(f"img{index + 1}.png is not a readable image; restore or remove it")


def test_damaged_offset_is_noted(tmp_path: Path) -> None:
    processed = process_clip(long_clip(tmp_path, 14, onset=2, apex=9, offset=14), OPTIONS)
    assert processed.offset is None
    assert processed.attributes["notes"][0].startswith("offset 14 is damaged")


def test_clip_with_many_damaged_images_is_refused(tmp_path: Path) -> None:
    text = reason(tmp_path, long_clip(tmp_path, 3, 4, 5))
    assert text.startswith(f"3 of {LONG} frames of ")
    assert "img4.png" in text


def test_folder_without_one_whole_image(tmp_path: Path) -> None:
    assert "no frame of" in reason(tmp_path, long_clip(tmp_path, *range(LONG)))


@pytest.mark.parametrize("kind", ["truncated", "empty", "video", "text"])
def test_every_way_to_be_no_image_is_skipped(kind: str, tmp_path: Path) -> None:
    clip = long_clip(tmp_path)
    image = clip.source / "img7.png"
    content = {
        "truncated": image.read_bytes()[: image.stat().st_size // 2],
        "empty": b"",
        "video": video(tmp_path / "v.mp4").read_bytes(),
        "text": b"Thumbnail cache",
    }[kind]
    image.write_bytes(content)
    run_beside_a_good_clip(tmp_path, clip)
    assert open_store(tmp_path / "store").read("long").frames.shape[0] == LONG - 1


def test_video_named_like_an_image(tmp_path: Path) -> None:
    folder = tmp_path / "clip"
    folder.mkdir()
    shutil.move(video(tmp_path / "v.mp4"), folder / "v.jpg")
    assert "no frame of" in reason(tmp_path, Clip("bad", folder, kind="frames"))


def test_images_of_different_sizes(tmp_path: Path) -> None:
    clip = long_clip(tmp_path)
    cv2.imwrite(str(clip.source / "img9.png"), np.zeros((20, 30, 3), np.uint8))
    text = reason(tmp_path, clip)
    assert "img9.png has 30x20 pixels, the frames before it 32x32" in text


def test_image_that_claims_to_be_huge_is_damaged_and_takes_no_memory(tmp_path: Path) -> None:
    clip = long_clip(tmp_path)
    header = bytearray((clip.source / "img3.png").read_bytes())
    header[16:24] = (60000).to_bytes(4, "big") * 2
    (clip.source / "img3.png").write_bytes(bytes(header))
    run_beside_a_good_clip(tmp_path, clip)
    assert open_store(tmp_path / "store").read("long").frames.shape[0] == LONG - 1


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_deep_images_keep_their_contrast(bits: int, tmp_path: Path) -> None:
    clip = frame_folder(tmp_path, "deep")
    shallow = moving_texture(6, seed=sum(map(ord, "deep")))
    shallow[0, 0, 0] = 255
    for index, frame in enumerate(shallow):
        deep = frame[..., ::-1].astype(np.uint16) << (bits - 8)
        cv2.imwrite(str(clip.source / f"img{index + 1}.png"), deep)
    run_beside_a_good_clip(tmp_path, clip)
    stored = open_store(tmp_path / "store").read("deep")
    np.testing.assert_array_equal(stored.frames[:], shallow)
    assert f"{bits}-bit images, divided by {2 ** (bits - 8)}" in stored.attributes["notes"]


def test_one_scale_holds_for_all_frames_of_a_clip(tmp_path: Path) -> None:
    # A single dark frame would be lit up to the brightness of the others, and the flow be wrong.
    for index, level in enumerate((100, 100, 4000, 100)):
        cv2.imwrite(str(tmp_path / f"{index}.png"), np.full((32, 32), level, np.uint16))
    processed = process_clip(Clip("c", tmp_path, kind="frames", fps=25.0), OPTIONS)
    assert processed.frames[:, 0, 0, 0].tolist() == [6, 6, 250, 6]


def test_damaged_images_do_not_decide_the_depth(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(b"")
    cv2.imwrite(str(tmp_path / "1.png"), np.full((8, 8), 1000, np.uint16))
    assert significant_bits(sorted(tmp_path.iterdir())) == 10


def test_gray_alpha_and_palette_become_rgb(tmp_path: Path, rng: np.random.Generator) -> None:
    colour = rng.integers(0, 256, (32, 32, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "gray.png"), colour[..., 0])
    alpha = np.dstack([colour[..., ::-1], np.zeros((32, 32), np.uint8)])
    cv2.imwrite(str(tmp_path / "clear.png"), alpha)
    gray, clear = read_image(tmp_path / "gray.png"), read_image(tmp_path / "clear.png")
    np.testing.assert_array_equal(gray, np.repeat(colour[..., :1], 3, -1))
    # What is fully transparent shows the colour that is stored below.
    np.testing.assert_array_equal(clear, colour)


def test_palette_png_shows_its_colours(tmp_path: Path) -> None:
    from PIL import Image

    levels = np.arange(64, dtype=np.uint8).reshape(8, 8) % 4
    picture = Image.fromarray(levels, "P")
    palette = [200, 30, 10, 20, 180, 40, 15, 25, 190, 255, 255, 255]
    picture.putpalette(palette)
    picture.save(tmp_path / "p.png")
    expected = np.array(palette, np.uint8).reshape(4, 3)[levels]
    np.testing.assert_array_equal(read_image(tmp_path / "p.png"), expected)


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, 600), flips=st.lists(st.integers(0, 5000), max_size=8))
def test_no_damage_to_an_image_raises_anything_but_a_reason(
    cut: int, flips: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from ma2mi_preprocessing.errors import InputError

    content = bytearray(cv2.imencode(".jpg", moving_texture(1)[0])[1].tobytes())
    for at in flips:
        content[at % len(content)] ^= 0xFF
    path = tmp_path_factory.mktemp("flipped") / "x.jpg"
    path.write_bytes(bytes(content[: len(content) - cut]))
    try:
        image = read_image(path)
    except InputError as error:
        assert str(path) in str(error)
    else:
        assert image.dtype == np.uint8
        assert image.shape[2] == 3


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that can be seen and not read")
def test_image_that_the_disk_does_not_give_is_tried_again(tmp_path: Path) -> None:
    clip = long_clip(tmp_path)
    image = clip.source / "img3.png"
    content = image.read_bytes()
    image.unlink()
    # Reading it fails with an error of the device, as that of a broken disk or network does.
    image.symlink_to("/proc/self/mem")
    assert "cannot read" in reason(tmp_path, clip)
    image.unlink()
    image.write_bytes(content)
    assert preprocess([clip], tmp_path / "store", OPTIONS, workers=1).stored == 1
