"""Adapters without a licence: a table, and a folder of videos."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.media_files import frame_number, list_frames
from ma2mi_preprocessing.errors import InputError

read_csv = ADAPTERS["csv"].read
read_videos = ADAPTERS["videos"].read


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_every_adapter_shows_the_tree_it_expects() -> None:
    for name, adapter in ADAPTERS.items():
        assert adapter.name == name
        assert adapter.description
        assert len(adapter.expected_tree.splitlines()) > 2


def test_table_lists_sources_that_are_not_there(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "c.mp4")
    (tmp_path / "t.csv").write_text("source,onset\na.mp4,1\nb.mp4,1\nc.mp4,x\nc.mp4,2\n")
    result = read_csv(tmp_path / "t.csv")
    assert [clip.source.name for clip in result.clips] == ["a.mp4", "c.mp4"]
    assert [(problem.row, problem.column) for problem in result.problems] == [
        (3, "source"),
        (4, "onset"),
    ]


def test_table_can_be_given_by_its_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    (tmp_path / "manifest.csv").write_text("source\na.mp4\n")
    assert len(read_csv(tmp_path).clips) == 1
    (tmp_path / "manifest.csv").unlink()
    with pytest.raises(InputError, match=r"manifest\.csv"):
        read_csv(tmp_path)


def test_videos_and_frame_folders_become_clips_with_subjects(tmp_path: Path) -> None:
    root = tmp_path / "lab"
    touch(root, "top.MP4", "sub01/a.avi", "sub01/deep/b.mov", "sub02/walk/1.jpg",
          "sub02/walk/2.jpg", "still/1.PNG", "notes.txt", "sub01/._a.avi",
          ".hidden/x.mp4")  # fmt: skip
    clips = read_videos(root).clips
    assert [(clip.clip_id, clip.subject, clip.kind) for clip in clips] == [
        ("lab/still", "", "frames"),
        ("lab/sub01/a", "lab/sub01", "video"),
        ("lab/sub01/deep/b", "lab/sub01", "video"),
        ("lab/sub02/walk", "lab/sub02", "frames"),
        ("lab/top", "", "video"),
    ]


def test_equal_stems_keep_their_suffix(tmp_path: Path) -> None:
    root = tmp_path / "lab"
    touch(root, "a.mp4", "a.avi", "b.mp4", "b/1.jpg")
    names = [clip.clip_id for clip in read_videos(root).clips]
    assert sorted(names) == ["lab/a.avi", "lab/a.mp4", "lab/b", "lab/b.mp4"]


def test_single_video_is_one_clip(tmp_path: Path) -> None:
    touch(tmp_path, "lab/a.mp4", "lab/b.mp4")
    clips = read_videos(tmp_path / "lab" / "a.mp4").clips
    assert [clip.clip_id for clip in clips] == ["lab/a"]


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/a.mp4")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "loop").symlink_to(tmp_path / "elsewhere")
    assert [clip.clip_id for clip in read_videos(tmp_path / "root").clips] == ["root/link/a"]


@pytest.mark.parametrize("content", [(), ("readme.txt",), (".hidden.mp4",)])
def test_folder_without_videos_is_refused(content: tuple[str, ...], tmp_path: Path) -> None:
    touch(tmp_path, *content)
    with pytest.raises(InputError, match="no video"):
        read_videos(tmp_path)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing at"):
        read_videos(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("reg_img46.jpg", 46),
        ("006_1_0012.png", 12),
        ("1.jpg", 1),
        ("img2.5.bmp", 5),
        ("mp4frame007.jpeg", 7),
        ("cover.jpg", None),
    ],
)
def test_frame_number_is_the_last_integer(name: str, number: int | None) -> None:
    assert frame_number(name) == number


def test_frames_are_ordered_by_number_and_covers_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "img10.jpg", "img9.JPG", "img100.png", "cover.jpg", "Thumbs.db", "x1.txt")
    assert [path.name for path in list_frames(tmp_path)] == ["img9.JPG", "img10.jpg", "img100.png"]
