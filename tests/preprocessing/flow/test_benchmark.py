"""The benchmark's pairs and figures."""

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.benchmarks.flow import BASELINE, OURS, benchmark_flow
from ma2mi_preprocessing.benchmarks.flow_pairs import SWAY, TEXTURES, known_flow_pair


@pytest.mark.parametrize("index", range(len(TEXTURES)))
def test_pairs_keep_the_promised_relation(index):
    """Pulling the moving image back by the true flow must give the reference."""
    pair = known_flow_pair(64, 0.0, index)
    y, x = np.mgrid[:64, :64].astype(np.float32)
    pulled = cv2.remap(
        pair.moving.astype(np.float32),
        x + pair.flow[..., 0],
        y + pair.flow[..., 1],
        cv2.INTER_LANCZOS4,
        borderMode=cv2.BORDER_REFLECT,
    )
    inner = (slice(6, -6), slice(6, -6))
    after = np.abs(pulled - pair.reference)[inner].mean()
    before = np.abs(pair.moving.astype(float) - pair.reference)[inner].mean()
    assert after < 0.8 * before
    assert after < 3.0


def test_pairs_depend_on_the_seed_only():
    first, again = known_flow_pair(48, 2.0, 3), known_flow_pair(48, 2.0, 3)
    np.testing.assert_array_equal(first.reference, again.reference)
    np.testing.assert_array_equal(first.moving, again.moving)
    other = known_flow_pair(48, 2.0, 3, seed=1)
    assert (first.flow != other.flow).any()


def test_noise_changes_the_images_but_neither_scene_nor_flow():
    clean, noisy = known_flow_pair(64, 0.0, 1), known_flow_pair(64, 2.0, 1)
    np.testing.assert_array_equal(clean.flow, noisy.flow)
    difference = noisy.moving.astype(float) - clean.moving
    assert 1.5 < difference.std() < 2.5


def test_every_fourth_pair_moves_as_a_whole():
    assert np.linalg.norm(known_flow_pair(64, 0.0, 0).flow, axis=-1).min() < 0.05
    swaying = np.median(known_flow_pair(64, 0.0, 3).flow, axis=(0, 1))
    assert np.linalg.norm(swaying) > SWAY / 2


def test_benchmark_reports_every_method_and_restores_opencv_threads():
    threads = cv2.getNumThreads()
    cv2.setNumThreads(2)
    calls = []
    try:
        rows = benchmark_flow(
            sizes=(48,), quick=True, on_progress=lambda done, total: calls.append((done, total))
        )
        assert cv2.getNumThreads() == 2
    finally:
        cv2.setNumThreads(threads)
    assert calls == [(done, 9) for done in range(1, 10)]
    assert [(row.noise, row.method) for row in rows][:4] == [
        (0.0, OURS),
        (0.0, BASELINE),
        (0.0, "OpenCV DIS medium"),
        (0.0, "OpenCV Farneback"),
    ]
    assert len(rows) == 12
    for row in rows:
        assert row.pairs == 3
        assert 0 < row.epe < 1
        assert row.milliseconds > 0
        assert row.speed_up_min <= row.speed_up <= row.speed_up_max
        if row.method == BASELINE:
            assert row.speed_up == row.epe_ratio == row.epe_moving_ratio == 1


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="sizes=8"):
        benchmark_flow(sizes=(8,))
