"""The compiled flow against a plain twin, its own kernels uncompiled, and other libraries."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
import skimage.registration

from ma2mi_preprocessing import optical_flow_tvl1, optical_strain
from ma2mi_preprocessing.benchmarks.flow_pairs import known_flow_pair
from tests.preprocessing.flow.scenes import moved_waves, sinusoid_flow, to_bytes
from tests.reference import tvl1 as twin


@pytest.mark.parametrize(
    ("size", "rows", "noise", "index"),
    [(32, 32, 0.0, 0), (64, 63, 0.0, 1), (64, 64, 2.0, 3), (128, 120, 0.0, 2), (128, 128, 1.0, 4)],
)
def test_flow_equals_the_plain_twin(size, rows, noise, index):
    pair = known_flow_pair(size, noise, index)
    reference, moving = pair.reference[:rows], pair.moving[:rows]
    expected = twin.optical_flow_tvl1(reference / 255, moving / 255)
    np.testing.assert_allclose(optical_flow_tvl1(reference, moving), expected, atol=1e-3)


@pytest.mark.parametrize(
    "parameters",
    [
        {"attachment": 10.0},
        {"tightness": 0.3, "time_step": 0.125},
        {"warps": 4, "iterations": 7},
        {"levels": 1},
    ],
)
def test_each_parameter_means_the_same_in_the_plain_twin(parameters):
    pair = known_flow_pair(48, 1.0, 3)
    expected = twin.optical_flow_tvl1(pair.reference / 255, pair.moving / 255, **parameters)
    flow = optical_flow_tvl1(pair.reference, pair.moving, **parameters)
    np.testing.assert_allclose(flow, expected, atol=1e-3)
    assert np.abs(flow - optical_flow_tvl1(pair.reference, pair.moving)).max() > 0.01


_UNCOMPILED = """
import sys
import numba
import numpy as np
from ma2mi_preprocessing import optical_flow_tvl1, optical_strain

assert numba.config.DISABLE_JIT
images = np.load(sys.argv[1])
with np.errstate(all="raise"):
    flow = optical_flow_tvl1(*images, iterations=4)
np.savez(sys.argv[2], flow=flow, strain=optical_strain(flow))
"""


def test_kernels_run_as_plain_python_and_give_the_compiled_flow(tmp_path):
    """Also the only run in which an index outside its array would be noticed."""
    rng = np.random.default_rng(5)
    truth = sinusoid_flow(36, 33, 2.6)
    images = np.stack([to_bytes(image, rng, 1.0) for image in moved_waves(36, 33, truth)])
    np.save(tmp_path / "images.npy", images)
    subprocess.run(
        [sys.executable, "-c", _UNCOMPILED, tmp_path / "images.npy", tmp_path / "flow.npz"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        timeout=120,
    )
    arrays = np.load(tmp_path / "flow.npz")
    uncompiled = arrays["flow"]
    np.testing.assert_allclose(optical_flow_tvl1(*images, iterations=4), uncompiled, atol=1e-3)
    np.testing.assert_allclose(optical_strain(uncompiled), arrays["strain"], rtol=1e-5, atol=1e-7)
    assert np.abs(uncompiled).max() > 1.0


@pytest.mark.parametrize("index", [0, 1, 3])
@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_opencv_finds_the_same_flow_and_ours_is_no_worse(index, noise):
    pair = known_flow_pair(96, noise, index)
    ours = optical_flow_tvl1(pair.reference, pair.moving)
    solver = cv2.optflow.DualTVL1OpticalFlow.create()
    theirs = solver.calc(pair.reference, pair.moving, None)
    assert _mean_length(ours - theirs) < 0.12
    assert _mean_length(ours - pair.flow) <= 1.05 * _mean_length(theirs - pair.flow)


def test_scikit_image_finds_the_same_flow():
    pair = known_flow_pair(96, 0.0, 1)
    v, u = skimage.registration.optical_flow_tvl1(pair.reference / 255, pair.moving / 255)
    ours = optical_flow_tvl1(pair.reference, pair.moving)
    assert _mean_length(ours - np.stack((u, v), axis=-1)) < 0.12


def _mean_length(difference):
    return np.linalg.norm(difference, axis=-1).mean()
