"""Flow fields without pictures: what moves, in which crop, with which errors, in which channels."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.motion import optical_strain
from ma2mi_preprocessing.synthesis.action_units import ACTION_UNITS, movement_field
from ma2mi_preprocessing.synthesis.crops import CROP_NAMES, Crops, sample_crops
from ma2mi_preprocessing.synthesis.face_draws import (
    FlowFieldOptions,
    sample_estimation,
    sample_faces,
)
from ma2mi_preprocessing.synthesis.face_flow import expression_flow, head_flow
from ma2mi_preprocessing.synthesis.flow_errors import estimated
from ma2mi_preprocessing.synthesis.flow_fields import sample_flow_fields
from ma2mi_preprocessing.synthesis.geometry import sample_pose
from ma2mi_preprocessing.synthesis.identity import sample_identity
from ma2mi_preprocessing.synthesis.moving_faces import Bumps, MovingFaces, PushVariation
from ma2mi_preprocessing.synthesis.push_table import push_table

seeds = st.integers(0, 2**32 - 1)
crops = st.sampled_from(CROP_NAMES)
few = settings(max_examples=25, deadline=None)


def faces_of(seed: int, crop: str, count: int = 4) -> MovingFaces:
    return sample_faces(np.random.default_rng(seed), count, FlowFieldOptions(crop=crop))


@few
@given(seeds, crops)
def test_mirrored_faces_give_the_mirrored_flow(seed: int, crop: str) -> None:
    faces = faces_of(seed, crop)
    across = np.float32([-1.0, 1.0])
    for flow in (expression_flow, head_flow):
        seen = flow(faces)[:, :, ::-1] * across
        np.testing.assert_allclose(flow(faces.mirrored()), seen, atol=1e-4 * (1 + abs(seen).max()))


@few
@given(seeds, crops)
def test_faces_that_do_nothing_have_no_flow(seed: int, crop: str) -> None:
    faces = faces_of(seed, crop)
    nothing = np.zeros_like(faces.others.movement)
    still = dataclasses.replace(
        faces,
        intensities=np.zeros_like(faces.intensities),
        head=np.zeros_like(faces.head),
        others=Bumps(faces.others.centre, faces.others.spread, nothing),
    )
    assert not expression_flow(still).any()
    assert not head_flow(still).any()
    noise = sample_estimation(np.random.default_rng(seed), 4, FlowFieldOptions(crop=crop))
    assert not estimated(expression_flow(still), still.crops, noise).any()


@few
@given(seeds, st.floats(0.1, 4.0))
def test_flow_is_proportional_to_what_moves(seed: int, factor: float) -> None:
    faces = faces_of(seed, "aligned")
    gain = np.float32(factor)
    others = Bumps(faces.others.centre, faces.others.spread, gain * faces.others.movement)
    more = dataclasses.replace(
        faces, intensities=gain * faces.intensities, head=gain * faces.head, others=others
    )
    for flow in (expression_flow, head_flow):
        wanted = gain * flow(faces)
        np.testing.assert_allclose(flow(more), wanted, atol=1e-4 * (1 + abs(wanted).max()))


@few
@given(seeds, crops)
def test_strain_is_that_of_the_flow(seed: int, crop: str) -> None:
    fields = sample_flow_fields(np.random.default_rng(seed), 3, FlowFieldOptions(crop=crop))
    np.testing.assert_array_equal(fields.motion[..., 2], optical_strain(fields.motion[..., :2]))


@few
@given(seeds, crops)
def test_minmax_fills_0_to_1_in_every_channel_that_moves(seed: int, crop: str) -> None:
    options = FlowFieldOptions(crop=crop, scaling="minmax")
    motion = sample_flow_fields(np.random.default_rng(seed), 3, options).motion
    low, high = motion.min(axis=(1, 2)), motion.max(axis=(1, 2))
    assert motion.dtype == np.float32
    np.testing.assert_array_equal(low, 0.0)
    assert np.all((high == 1.0) | (high == 0.0))


@pytest.mark.parametrize("code", [*ACTION_UNITS, "AUL12", "AUR2", "AUL4"])
def test_a_unit_moves_skin_as_rendered_faces_do(code: str) -> None:
    rng, table = np.random.default_rng(5), push_table()
    pose, identity = sample_pose(rng, 64), sample_identity(rng)
    side = {"L": 1, "R": 0}.get(code[2], slice(None))
    unit = code if isinstance(side, slice) else f"AU{code[3:]}"
    intensities = np.zeros((1, len(table.units), 2), np.float32)
    intensities[0, table.units.index(unit), side] = 1.0
    nothing = np.zeros((1, 0, 2), np.float32)
    faces = MovingFaces(
        Crops.of_poses([pose]),
        table.landmarks_of(identity)[None],
        intensities,
        np.zeros((1, 6), np.float32),
        Bumps(nothing, nothing, nothing),
        PushVariation.usual(1),
    )
    drawn = expression_flow(faces)[0]
    rendered = pose.vectors_to_pixels(movement_field(code, identity, *pose.grid()))
    likeness = (drawn * rendered).sum() / np.sqrt((drawn**2).sum() * (rendered**2).sum())
    # Parting lips open over a band that rendering makes narrower.
    assert likeness > (0.96 if unit in ("AU25", "AU26") else 0.999)
    size = np.sqrt((drawn**2).sum() / (rendered**2).sum())
    assert 0.85 < size < 1.15


def test_the_strongest_unit_moves_skin_by_the_peak() -> None:
    options = FlowFieldOptions(
        crop="loose", peak=(4.0, 4.0), others=0.0, landmark_error=0.0, variation=0.0, most_units=1
    )
    faces = sample_faces(np.random.default_rng(1), 200, options)
    shown = faces.intensities.any(axis=(1, 2))
    largest = np.linalg.norm(expression_flow(faces), axis=-1).max(axis=(1, 2))
    assert not largest[~shown].any()
    # 4 pixels of 224; the largest movement may lie between pixels of 28.
    assert np.median(largest[shown]) == pytest.approx(0.5, rel=0.15)


@few
@given(seeds, crops)
def test_crops_lie_within_their_style(seed: int, crop: str) -> None:
    drawn = sample_crops(np.random.default_rng(seed), 8, 28, crop)
    assert np.all((drawn.scale[:, 0] >= 0.19 * 28) & (drawn.scale[:, 0] <= 0.51 * 28))
    eyes = np.abs(drawn.centre[:, 0] - 13.5) + drawn.scale[:, 0] / 2
    assert np.all(eyes < 14.0)


def test_the_same_seed_gives_the_same_fields() -> None:
    first, again, other = (
        sample_flow_fields(np.random.default_rng(seed), 8).motion for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_unit_acts_as_often_as_said() -> None:
    fields = sample_flow_fields(np.random.default_rng(0), 4000, FlowFieldOptions(size=8))
    assert len(fields.units) >= 15
    np.testing.assert_allclose(fields.shown.mean(axis=0), 2 / len(fields.units), atol=0.03)


def test_trusted_data_stay_and_distrusted_become_smooth() -> None:
    options = FlowFieldOptions(crop="aligned")
    rng = np.random.default_rng(2)
    faces = sample_faces(rng, 16, options)
    flow = expression_flow(faces)
    drawn = sample_estimation(rng, 16, options)
    even = dataclasses.replace(drawn, grain=np.ones_like(drawn.grain), bare=np.ones(16, np.float32))

    def variation(field: np.ndarray) -> float:
        return sum(float(np.abs(np.diff(field, axis=axis)).sum()) for axis in (1, 2))

    def with_trust(trust: float) -> np.ndarray:
        clean = dataclasses.replace(
            even, noise=np.zeros_like(drawn.noise), trust=np.full((16, 2), trust, np.float32)
        )
        return estimated(flow, faces.crops, clean)

    np.testing.assert_allclose(with_trust(1e5), flow, atol=1e-3 * np.abs(flow).max())
    assert variation(with_trust(1.0)) < variation(with_trust(10.0)) < variation(flow)


@pytest.mark.parametrize(
    ("name", "value"),
    [("crop", "round"), ("size", 2), ("most_units", 99), ("errors", -1.0), ("peak", (2.0, 1.0))],
)
def test_options_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        FlowFieldOptions(**{name: value})  # type: ignore[arg-type]
