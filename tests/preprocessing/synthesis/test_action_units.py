"""Action units move the skin the way FACS says, on the side asked for, as far as stated."""

import numpy as np
import pytest

from ma2mi_preprocessing.synthesis.action_units import ACTION_UNITS, movement_field, split_side
from ma2mi_preprocessing.synthesis.geometry import FacePose
from ma2mi_preprocessing.synthesis.identity import sample_identity

IDENTITY = sample_identity(np.random.default_rng(3))
POSE = FacePose(size=160, inter_ocular=40.0, centre=(80.0, 68.0), roll=0.0)
X, Y = POSE.grid()


def movement_at(code: str, landmark: str) -> np.ndarray:
    x, y = POSE.to_pixels(IDENTITY.landmarks()[landmark]).round().astype(int)
    return movement_field(code, IDENTITY, X, Y)[y, x]


@pytest.mark.parametrize("code", ACTION_UNITS)
def test_largest_displacement_is_the_reach(code: str) -> None:
    length = np.linalg.norm(movement_field(code, IDENTITY, X, Y), axis=-1)
    assert length.max() == pytest.approx(ACTION_UNITS[code].reach, rel=1e-5)


@pytest.mark.parametrize("code", ACTION_UNITS)
def test_two_sided_movement_is_mirror_symmetric(code: str) -> None:
    # The grid has its midline between two columns when the centre lies at (size - 1) / 2.
    x, y = FacePose(size=160, inter_ocular=40.0, centre=(79.5, 68.0), roll=0.0).grid()
    field = movement_field(code, IDENTITY, x, y)
    mirrored = field[:, ::-1] * np.float32([-1.0, 1.0])
    np.testing.assert_allclose(field, mirrored, atol=2e-5)


@pytest.mark.parametrize("code", [code for code, unit in ACTION_UNITS.items() if unit.one_sided])
def test_left_side_of_the_person_is_on_the_right_of_the_picture(code: str) -> None:
    length = np.linalg.norm(movement_field(f"AUL{code[2:]}", IDENTITY, X, Y), axis=-1)
    assert length[X > 0].sum() > 3 * length[X < 0].sum()


@pytest.mark.parametrize(
    ("code", "landmark", "right", "down"),
    [
        ("AU1", "brow_inner_right", 0, -1),
        ("AU2", "brow_outer_right", 0, -1),
        ("AU4", "brow_inner_right", -1, 1),
        ("AU5", "upper_lid_right", 0, -1),
        ("AU7", "lower_lid_right", 0, -1),
        ("AU9", "nose_wing_right", 0, -1),
        ("AU12", "mouth_corner_right", 1, -1),
        ("AU12", "mouth_corner_left", -1, -1),
        ("AU14", "mouth_corner_right", -1, 0),
        ("AU15", "mouth_corner_right", 0, 1),
        ("AU17", "chin", 0, -1),
        ("AU20", "mouth_corner_right", 1, 0),
        ("AU25", "lower_lip", 0, 1),
        ("AU26", "chin", 0, 1),
    ],
)
def test_landmarks_move_as_facs_says(code: str, landmark: str, right: int, down: int) -> None:
    moved = movement_at(code, landmark)
    least = 0.2 * ACTION_UNITS[code].reach
    for part, direction in zip(moved, (right, down), strict=True):
        assert direction == 0 or part * direction > least


@pytest.mark.parametrize("code", ["AU1", "AU2", "AU4", "AU5", "AU7"])
def test_upper_face_units_leave_the_mouth_alone(code: str) -> None:
    assert np.linalg.norm(movement_at(code, "mouth")) < 0.01 * ACTION_UNITS[code].reach


def test_jaw_drop_leaves_the_upper_lip_in_place() -> None:
    assert movement_at("AU26", "upper_lip")[1] < 0.02 < movement_at("AU26", "chin")[1]


@pytest.mark.parametrize("code", ["AU99", "12", "AUL26", "AUX12", ""])
def test_unknown_code_is_refused_by_name(code: str) -> None:
    with pytest.raises(ValueError, match=f"code={code}"):
        split_side(code)


def test_field_is_the_same_in_every_picture_size() -> None:
    small = FacePose(size=80, inter_ocular=20.0, centre=(39.75, 33.75), roll=0.0)
    fine = FacePose(size=160, inter_ocular=40.0, centre=(80.0, 68.0), roll=0.0)
    coarse_field = movement_field("AU12", IDENTITY, *small.grid())
    fine_field = movement_field("AU12", IDENTITY, *fine.grid())
    area_mean = fine_field.reshape(80, 2, 80, 2, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(coarse_field, area_mean, atol=2e-3)
