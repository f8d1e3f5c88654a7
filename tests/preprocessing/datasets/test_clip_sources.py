"""Several copies of a dataset below one folder."""

from functools import partial
from pathlib import Path

from ma2mi_preprocessing.datasets.annotated_folders import place_below_subject
from ma2mi_preprocessing.datasets.clip_sources import ClipSources
from tests.preprocessing.datasets.fake_datasets import write_frames


def subject_of(text: str) -> str | None:
    return text if text.startswith("sub") else None


def find(root: Path) -> ClipSources:
    return ClipSources.find(root, partial(place_below_subject, subject_of))


def test_one_copy_is_read_as_a_whole(tmp_path: Path) -> None:
    """The raw copy has more frames in all, but one of its clips is shorter."""
    for name, raw, cropped in [("a", 30, 9), ("b", 5, 9)]:
        write_frames(tmp_path / "raw" / "sub1" / name, "{}.jpg", range(raw))
        write_frames(tmp_path / "cropped" / "sub1" / name, "{}.jpg", range(cropped))
    sources = find(tmp_path)
    used = [sources.candidates([("sub1", name)])[0] for name in "ab"]
    assert [source.path.parts[-3] for source in used] == ["raw", "raw"]
    assert list(sources.choice(used)) == [
        "several copies of the clips: raw has most frames and is read before cropped"
    ]


def test_clip_that_the_best_copy_lacks_is_read_from_the_next(tmp_path: Path) -> None:
    write_frames(tmp_path / "raw" / "sub1" / "a", "{}.jpg", range(30))
    write_frames(tmp_path / "raw" / "sub1" / "b", "{}.jpg", [])
    write_frames(tmp_path / "deep" / "cropped" / "sub1" / "b", "{}.jpg", range(9))
    sources = find(tmp_path)
    used = [sources.candidates([("sub1", name)])[0] for name in "ab"]
    assert [source.path.parts[-3] for source in used] == ["raw", "cropped"]
    assert list(sources.choice(used))[1] == "clips read from deep/cropped: 1"


def test_folder_is_listed_once(tmp_path: Path) -> None:
    folder = tmp_path / "sub1" / "a"
    write_frames(folder, "{}.jpg", range(3))
    sources = find(tmp_path)
    (source,) = sources.candidates([("sub1", "a")])
    assert sources.numbers(source).numbers == (0, 1, 2)
    write_frames(folder, "{}.jpg", [3])
    assert sources.numbers(source).numbers == (0, 1, 2)


def test_clips_that_nobody_asked_for_are_named(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_frames(tmp_path / "sub1" / name, "{}.jpg", [1])
    left = find(tmp_path).outside({("sub1", "b")})
    assert [source.place.name for source in left] == ["a", "c"]
