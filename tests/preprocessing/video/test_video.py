"""Frames come as 8-bit RGB, in order, whatever they were."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.video import probe, read_frames, read_image

RED, GREEN, BLUE = (200, 30, 10), (20, 180, 40), (15, 25, 190)


def solid(colour: tuple[int, ...], height: int = 32, width: int = 48) -> np.ndarray:
    return np.full((height, width, len(colour)), colour, np.uint8)


def save(path: Path, rgb: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), rgb[..., ::-1])


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten frames at 20 frames a second; frame k is gray with level 20 k, its left half red."""
    path = tmp_path_factory.mktemp("video") / "ten.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (64, 48))
    for level in range(10):
        frame = solid((20 * level,) * 3, 48, 64)
        frame[:, :32] = RED
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    return path


def level_of(frame: np.ndarray) -> int:
    return round(float(frame[8:40, 40:60].mean()) / 20)


def test_video_is_read_in_order_as_rgb(video: Path) -> None:
    frames = list(read_frames(video))
    assert [level_of(frame) for frame in frames] == list(range(10))
    assert frames[0].dtype == np.uint8
    assert frames[0].shape == (48, 64, 3)
    np.testing.assert_allclose(frames[5][10:30, 5:25].mean((0, 1)), RED, atol=8)


@pytest.mark.parametrize(
    ("start", "stop", "step", "expected"),
    [(3, 6, 1, [3, 4, 5]), (0, None, 4, [0, 4, 8]), (2, 9, 3, [2, 5, 8]), (8, 99, 1, [8, 9]),
     (50, None, 1, []), (0, 0, 1, [])],
)  # fmt: skip
def test_part_of_a_video_or_folder_is_what_slicing_gives(
    start: int, stop: int | None, step: int, expected: list[int], video: Path, tmp_path: Path
) -> None:
    for level in range(10):
        save(tmp_path / f"{level}.png", solid((20 * level,) * 3, 48, 64))
    for source in (video, tmp_path):
        frames = read_frames(source, start, stop, step)
        assert [level_of(frame) for frame in frames] == expected


def test_probe_tells_what_the_file_says(video: Path) -> None:
    info = probe(video)
    assert (info.frames, info.width, info.height) == (10, 64, 48)
    assert info.fps == pytest.approx(20.0)


def test_folder_has_no_rate_and_is_ordered_by_number(tmp_path: Path) -> None:
    for name, colour in (("img10.png", BLUE), ("img9.PNG", GREEN), ("img1.bmp", RED)):
        save(tmp_path / name, solid(colour))
    assert [tuple(frame[0, 0]) for frame in read_frames(tmp_path)] == [RED, GREEN, BLUE]
    info = probe(tmp_path)
    assert (info.frames, info.fps, info.width, info.height) == (3, None, 48, 32)


def test_gray_and_16_bit_and_transparent_images_become_8_bit_rgb(tmp_path: Path) -> None:
    gray = np.arange(32 * 48, dtype=np.uint16).reshape(32, 48) * 40
    cv2.imwrite(str(tmp_path / "gray8.png"), (gray // 256).astype(np.uint8))
    cv2.imwrite(str(tmp_path / "gray16.png"), gray)
    alpha = np.dstack([solid(BLUE)[..., ::-1], np.full((32, 48), 77, np.uint8)])
    cv2.imwrite(str(tmp_path / "alpha.png"), alpha)
    eight, sixteen = (read_image(tmp_path / f"gray{bits}.png") for bits in (8, 16))
    for image in (eight, sixteen):
        assert image.shape == (32, 48, 3)
        assert image.dtype == np.uint8
        assert np.ptp(image, axis=-1).max() == 0
    assert np.abs(eight.astype(int) - sixteen).max() <= 1
    assert tuple(read_image(tmp_path / "alpha.png")[3, 3]) == BLUE


def test_paths_with_any_letters_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "微表情 ü"
    folder.mkdir()
    (folder / "图1.png").write_bytes(cv2.imencode(".png", solid(RED)[..., ::-1])[1].tobytes())
    assert len(list(read_frames(folder))) == 1


@pytest.mark.parametrize("content", [b"", b"this is a letter, not a film " * 99])
@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_file_that_is_no_video_is_refused_by_name(
    content: bytes, suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"letter{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError, match="letter"):
        list(read_frames(path))
    assert capfd.readouterr().err == ""


def test_video_cut_short_in_its_header_is_refused(video: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.avi"
    path.write_bytes(video.read_bytes()[:200])
    with pytest.raises(InputError, match="cut"):
        list(read_frames(path))


def test_video_cut_short_in_the_middle_gives_the_frames_it_has(video: Path, tmp_path: Path) -> None:
    content = video.read_bytes()
    path = tmp_path / "half.avi"
    path.write_bytes(content[: len(content) * 3 // 4])
    levels = [level_of(frame) for frame in read_frames(path)]
    assert 2 <= len(levels) < 10
    assert levels == list(range(len(levels)))


def test_corrupt_image_among_good_ones_is_named(tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "3.png"):
        save(tmp_path / name, solid(RED))
    (tmp_path / "2.png").write_bytes(b"\x89PNG and no more")
    with pytest.raises(InputError, match=r"2\.png"):
        list(read_frames(tmp_path))


def test_frames_of_two_sizes_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "1.png", solid(RED))
    save(tmp_path / "2.png", solid(RED, 30, 40))
    with pytest.raises(InputError, match="40x30"):
        list(read_frames(tmp_path))


def test_empty_folder_and_missing_path_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no"):
        list(read_frames(tmp_path))
    with pytest.raises(InputError, match="nothing at"):
        list(read_frames(tmp_path / "nowhere.mp4"))


def test_real_videos_are_read_to_the_end(real_data: Path) -> None:
    path = real_data / "faces" / "face_noface.mov"
    assert sum(1 for _ in read_frames(path)) == probe(path).frames == 169
