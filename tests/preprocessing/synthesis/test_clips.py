"""A rendered set on disk is complete, repeatable, resumable, and never mixed."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.datasets.manifest import read_manifest
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.synthesis import CLASSES, clips, render_clip, synthesize
from tests.preprocessing.synthesis.rendered_sets import SMALL, digests


def test_same_seed_gives_the_same_bytes(rendered: Path, tmp_path: Path) -> None:
    synthesize("macro", tmp_path / "again", **SMALL, seed=3)
    assert digests(tmp_path / "again") == digests(rendered)


def test_more_clips_leave_the_first_ones_as_they_were(rendered: Path, tmp_path: Path) -> None:
    synthesize("macro", tmp_path, **(SMALL | {"clips_per_subject": 1}), seed=3)
    few = digests(tmp_path)
    del few["manifest.csv"]
    assert few.items() <= digests(rendered).items()


def test_manifest_describes_what_is_on_disk(rendered: Path) -> None:
    rows = read_manifest(rendered / "manifest.csv")
    assert len(rows) == len({row.clip_id for row in rows}) == 4
    assert {row.subject for row in rows} == {"rendered_macro/s01", "rendered_macro/s02"}
    for row in rows:
        assert row.dataset == "rendered_macro" and row.kind == "frames" and row.fps == 20.0
        assert row.label in CLASSES and row.action_units.startswith("AU")
        names = sorted(path.name for path in row.source.iterdir())
        assert names[0] == "00000.png" and len(names) > row.offset > row.apex > row.onset > 0


def test_ground_truth_and_frames_are_those_of_the_clip(rendered: Path) -> None:
    clip = render_clip("macro", subject=1, clip=0, size=48, fps=20.0, seed=3)
    with np.load(rendered / "ground_truth" / "s02" / "c01.npz") as truth:
        exact = clip.flow_from_onset(clip.apex)
        np.testing.assert_allclose(truth["flow"], exact, atol=4e-3)
        assert truth["flow"].dtype == np.float16
        np.testing.assert_array_equal(truth["landmarks"], clip.landmarks)
        np.testing.assert_array_equal(truth["intensities"], clip.intensities)
        assert tuple(truth["key_frames"]) == (clip.onset, clip.apex, clip.offset)
        assert tuple(truth["unit_codes"]) == clip.unit_codes
    frame = cv2.imread(str(rendered / "frames" / "s02" / "c01" / "00004.png"))
    np.testing.assert_array_equal(frame[..., ::-1], clip.frames[4])


def test_interrupted_run_goes_on(
    rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(clip: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize("macro", tmp_path, **SMALL, seed=3, on_clip=interrupt)
    assert not (tmp_path / "manifest.csv").exists()
    rendered_anew = []
    monkeypatch.setattr(
        clips,
        "render_clip",
        lambda *args, **options: rendered_anew.append(options) or render_clip(*args, **options),
    )
    synthesize("macro", tmp_path, **SMALL, seed=3)
    assert len(rendered_anew) == 3
    assert digests(tmp_path) == digests(rendered)


def test_callback_sees_every_clip_in_order(rendered: Path) -> None:
    seen: list[object] = []
    returned = synthesize("macro", rendered, **SMALL, seed=3, on_clip=seen.append)
    assert seen == returned


@pytest.mark.parametrize("change", [{"seed": 4}, {"size": 64}, {"fps": 25.0}])
def test_other_settings_are_refused_in_the_same_folder(
    rendered: Path, change: dict[str, float]
) -> None:
    with pytest.raises(InputError, match=f"{next(iter(change))} .*choose another folder"):
        synthesize("macro", rendered, **({"seed": 3} | SMALL | change))


def test_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"x")
    with pytest.raises(InputError, match="not empty"):
        synthesize("macro", tmp_path, **SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


@pytest.mark.parametrize(
    "change",
    [{"subjects": 0}, {"clips_per_subject": 0}, {"size": 8}, {"fps": 1.0}, {"seed": -1}],
)
def test_option_out_of_range_is_refused_by_name(tmp_path: Path, change: dict[str, int]) -> None:
    with pytest.raises(InputError, match=next(iter(change))):
        synthesize("macro", tmp_path, **({"seed": 0} | SMALL | change))
    assert not any(tmp_path.iterdir())
