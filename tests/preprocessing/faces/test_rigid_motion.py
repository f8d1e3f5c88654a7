"""The head's movement is found whatever the face does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.faces.rigid_motion import rigid_motion


def similarity_flow(side: int, x: float, y: float, angle: float, scale: float) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    z = columns + 1j * rows
    v = (scale * np.exp(1j * angle) - 1) * z + complex(x, y)
    return np.stack([v.real, v.imag], axis=-1).astype(np.float32)


def at_corners(matrix: np.ndarray, side: int) -> np.ndarray:
    corners = np.array([[0, 0, 1], [side - 1, 0, 1], [0, side - 1, 1]], float).T
    return np.asarray((matrix @ corners - corners)[:2].T)


@given(
    st.floats(-8, 8), st.floats(-8, 8), st.floats(-0.1, 0.1), st.floats(0.95, 1.05),
    st.sampled_from([64, 160, 224, 301]),
)  # fmt: skip
def test_a_similarity_is_found_exactly(
    x: float, y: float, angle: float, scale: float, side: int
) -> None:
    flow = similarity_flow(side, x, y, angle, scale)
    found = rigid_motion(flow)
    expected = flow[[0, 0, -1], [0, -1, 0]]
    np.testing.assert_allclose(at_corners(found.matrix, side), expected, atol=1e-3)
    assert found.support == 1.0


@pytest.mark.parametrize("part", [0.3, 0.5])
def test_half_of_the_face_may_act(part: float, rng: np.random.Generator) -> None:
    flow = similarity_flow(160, 0.6, -0.4, 0.01, 1.0)
    expected = at_corners(rigid_motion(flow).matrix, 160)
    flow += rng.normal(0, 0.01, flow.shape).astype(np.float32)
    flow[round(160 * (1 - part)) :] += np.array([0.3, 1.2], np.float32)
    np.testing.assert_allclose(at_corners(rigid_motion(flow).matrix, 160), expected, atol=0.05)


def test_what_agrees_on_nothing_has_little_support(rng: np.random.Generator) -> None:
    flow = rng.normal(0, 5, (160, 160, 2)).astype(np.float32)
    assert rigid_motion(flow).support < 0.1


def test_background_does_not_count() -> None:
    flow = np.zeros((160, 160, 2), np.float32)
    rows, columns = (np.mgrid[:160, :160] + 0.5) / 160 - 0.5
    flow[(columns / 0.37) ** 2 + (rows / 0.46) ** 2 > 1] = 9.0
    assert rigid_motion(flow).length < 1e-6
