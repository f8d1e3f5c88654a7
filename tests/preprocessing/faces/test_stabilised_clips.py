"""Stabilisation as a part of preprocessing: stored transforms, one resampling, honest notes."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.benchmarks.faces import residual
from ma2mi_preprocessing.benchmarks.known_heads import FPS, KnownHead, known_head
from ma2mi_preprocessing.datasets.manifest import Clip
from ma2mi_preprocessing.faces.alignment import align_frame
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.process_clip import process_clip
from ma2mi_preprocessing.processed_clip import ProcessedClip

SIZE = 224


@pytest.fixture(scope="module")
def head() -> KnownHead:
    return known_head("micro", 9, 2, sway=6.0)


@pytest.fixture(scope="module")
def clip(head: KnownHead, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    folder = tmp_path_factory.mktemp("frames")
    for number, frame in enumerate(head.frames):
        assert cv2.imwrite(str(folder / f"{number:03d}.png"), frame[..., ::-1])
    return Clip("a", folder, kind="frames", fps=FPS, onset=head.onset, apex=head.apex)


def processed(clip: Clip, stabilisation: str) -> ProcessedClip:
    return process_clip(clip, PreprocessOptions(size=SIZE, stabilisation=stabilisation))


def test_annotated_clip_stands_still_from_its_first_frame_to_its_last(
    head: KnownHead, clip: Clip
) -> None:
    found = processed(clip, "auto")
    assert found.first_frame == 0
    assert found.transforms.shape == (len(head.frames), 2, 3)
    assert residual(head, found.transforms) < 0.15
    assert (found.attributes["stabilisation"], found.attributes["alignment"]) == ("rigid", "clip")
    assert found.attributes["frames_not_registered"] == 0


def test_stored_frames_are_cut_out_of_the_source_once(head: KnownHead, clip: Clip) -> None:
    found = processed(clip, "rigid")
    for frame, image, transform in zip(found.frames, head.frames, found.transforms, strict=True):
        np.testing.assert_array_equal(frame, align_frame(image, transform, SIZE))


def test_without_stabilisation_there_is_one_transform(head: KnownHead, clip: Clip) -> None:
    found = processed(clip, "none")
    assert found.transforms.shape == (1, 2, 3)
    assert found.attributes["stabilisation"] == "none"
    assert residual(head, np.repeat(found.transforms, len(head.frames), 0)) > 1.0


def test_frames_that_show_something_else_are_counted_in_a_note(
    head: KnownHead, tmp_path: Path, rng: np.random.Generator
) -> None:
    hidden = range(len(head.frames) - 4, len(head.frames))
    for number, frame in enumerate(head.frames):
        picture = rng.integers(0, 256, frame.shape, np.uint8) if number in hidden else frame
        assert cv2.imwrite(str(tmp_path / f"{number:03d}.png"), picture[..., ::-1])
    found = processed(Clip("a", tmp_path, kind="frames", fps=FPS, onset=head.onset), "rigid")
    assert found.attributes["frames_not_registered"] == len(hidden)
    assert any("4 of" in note and "held still" in note for note in found.attributes["notes"])
