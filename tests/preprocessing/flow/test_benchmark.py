"""The flow benchmark's figures are complete, and mean what they say."""

import json
import os

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.available_cpus import available_cpus
from ma2mi_preprocessing.benchmarks import flow as flow_benchmark
from ma2mi_preprocessing.benchmarks import startup
from ma2mi_preprocessing.benchmarks.child_process import measure_in_child
from ma2mi_preprocessing.benchmarks.data_weight import FACTORS, benchmark_data_weight
from ma2mi_preprocessing.benchmarks.edge_sharpness import (
    METHODS,
    SHIFT,
    benchmark_edge_sharpness,
    edge_width,
    sliding_halves,
)
from ma2mi_preprocessing.benchmarks.flow import FlowCell, benchmark_flow
from ma2mi_preprocessing.benchmarks.flow_document import FlowPlan, flow_document
from ma2mi_preprocessing.benchmarks.flow_figures import measurement, ratio
from ma2mi_preprocessing.benchmarks.flow_methods import (
    BASELINE,
    DIS,
    FOR_SPEED,
    OURS,
    SCIKIT_IMAGE,
    flow_methods,
)
from ma2mi_preprocessing.benchmarks.flow_pairs import known_flow_pair
from ma2mi_preprocessing.benchmarks.flow_picture import flow_picture
from ma2mi_preprocessing.benchmarks.magnitudes import benchmark_magnitudes
from ma2mi_preprocessing.benchmarks.one_cpu import pinned_to_one_cpu
from ma2mi_preprocessing.benchmarks.processors import benchmark_processors
from ma2mi_preprocessing.benchmarks.startup import benchmark_startup
from ma2mi_preprocessing.benchmarks.stereo import benchmark_stereo, stereo_pair
from ma2mi_preprocessing.benchmarks.thread_scaling import (
    benchmark_threads,
    benchmark_threads_alone,
)

can_pin = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system binds no thread to a CPU"
)


@pytest.fixture(scope="module")
def rows():
    return benchmark_flow([FlowCell("smooth", 48, 2), FlowCell("discontinuity", 64, 1, (1.0,))])


def test_each_cell_has_every_method_and_a_summary_of_several_noise_levels(rows):
    methods = list(flow_methods())
    assert methods[:4] == [OURS, BASELINE, FOR_SPEED, DIS]
    assert len(methods) == 6
    assert [(row.kind, row.size, row.noise, row.method) for row in rows] == [
        (*cell, method)
        for cell in (
            *(("smooth", 48, noise) for noise in (0.0, 1.0, 2.0, None)),
            ("discontinuity", 64, 1.0),
        )
        for method in methods
    ]
    assert [row.pairs for row in rows[::6]] == [2, 2, 2, 6, 1]


def test_figures_of_each_row_agree_with_each_other(rows):
    for row in rows:
        assert 0 < row.epe < 2
        assert row.milliseconds > 0
        for spread in (row.epe_ratio, row.epe_moving_ratio, *row.times_faster.values()):
            assert 0 < spread.low <= spread.mean * (1 + 1e-9)
            assert spread.mean <= spread.high * (1 + 1e-9)
        assert (row.epe_edge is None) == (row.kind == "smooth") == (row.epe_edge_ratio is None)
        if row.method == BASELINE:
            assert row.epe_ratio.mean == row.times_faster[BASELINE].mean == 1
    ours = rows[0]
    baseline = rows[1]
    assert ours.epe_ratio.mean == pytest.approx(ours.epe / baseline.epe)
    assert ours.times_faster[BASELINE].mean == pytest.approx(
        baseline.mean_milliseconds / ours.mean_milliseconds
    )


def test_summary_is_the_mean_over_the_noise_levels(rows):
    ours = [row for row in rows if row.method == OURS and row.kind == "smooth"]
    assert ours[3].noise is None
    assert ours[3].epe == pytest.approx(np.mean([row.epe for row in ours[:3]]))
    assert ours[3].mean_milliseconds == pytest.approx(
        np.mean([row.mean_milliseconds for row in ours[:3]])
    )


def test_a_method_does_not_depend_on_the_sizes_that_came_before():
    large = FlowCell("smooth", 96, 1, (1.0,))
    alone = benchmark_flow([large])
    after_small = benchmark_flow([FlowCell("smooth", 32, 1, (1.0,)), large])[6:]
    assert [row.epe for row in alone] == [row.epe for row in after_small]


def test_errors_are_taken_over_the_pixels_they_are_named_after():
    pair = known_flow_pair(64, 0.0, 27, kind="discontinuity")
    flow = pair.flow.copy()
    flow[pair.occluded] += [3, 4]
    result = measurement(flow, pair, 0.5)
    assert result.visible == 0
    assert result.epe == pytest.approx(5 * pair.occluded.mean(), rel=1e-4)
    assert result.edge == pytest.approx(5 * pair.occluded[pair.edge].mean(), rel=1e-4)
    exact = measurement(pair.flow, pair, 0.5)
    assert (exact.epe, exact.moving, exact.visible, exact.edge, exact.seconds) == (0, 0, 0, 0, 0.5)


def test_ratio_is_of_means_and_spreads_over_pairs():
    spread = ratio([1.0, 9.0], [2.0, 3.0])
    assert (spread.mean, spread.low, spread.high) == (2.0, 0.5, 3.0)


@pytest.mark.parametrize("name", list(flow_methods()))
def test_methods_find_a_known_shift_with_its_direction(name):
    pair = known_flow_pair(128, 0.0, 3)
    shifted = np.roll(pair.reference, (1, 2), axis=(0, 1))
    flow = flow_methods()[name].call(pair.reference, shifted)
    assert flow.shape == (128, 128, 2)
    assert flow.dtype == np.float32
    u, v = np.median(flow[16:-16, 16:-16], axis=(0, 1))
    # Each method's own smoothing pulls towards zero a little.
    assert u == pytest.approx(2, abs=0.3)
    assert v == pytest.approx(1, abs=0.3)


@can_pin
@pytest.mark.parametrize("failing", [False, True])
def test_pinning_is_undone_whatever_happens(failing):
    threads, cpus = cv2.getNumThreads(), os.sched_getaffinity(0)
    inside = []

    def on_progress(done, total):
        inside.append((cv2.getNumThreads(), len(os.sched_getaffinity(0)), done, total))
        if failing:
            raise KeyboardInterrupt

    cv2.setNumThreads(2)
    try:
        cell = FlowCell("smooth", 32, 2, (0.0,))
        if failing:
            with pytest.raises(KeyboardInterrupt):
                benchmark_flow([cell], on_progress=on_progress)
        else:
            benchmark_flow([cell], on_progress=on_progress)
        assert cv2.getNumThreads() == 2
        assert os.sched_getaffinity(0) == cpus
    finally:
        cv2.setNumThreads(threads)
    assert inside == [(1, 1, 1, 2), (1, 1, 2, 2)][: 1 if failing else 2]


def test_without_affinity_only_threads_are_limited(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    with pinned_to_one_cpu():
        assert cv2.getNumThreads() == 1
    assert available_cpus() == os.cpu_count()


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"size": 8}, "size=8"), ({"pairs": 0}, "pairs=0"), ({"kind": "rough"}, "kind='rough'"),
     ({"noises": ()}, "noises")],
)  # fmt: skip
def test_impossible_cells_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        FlowCell(**{"kind": "smooth", "size": 32, "pairs": 1, **changes})


def test_stereo_truth_turns_the_right_view_into_the_left():
    pair = stereo_pair(8)
    y, x = np.mgrid[: pair.left.shape[0], : pair.left.shape[1]].astype(np.float32)

    def difference(u):
        warped = cv2.remap(pair.right, x + u, y, cv2.INTER_LINEAR)
        return np.abs(warped.astype(float) - pair.left)[pair.known].mean()

    truth = pair.flow[..., 0]
    assert difference(truth) < 0.5 * difference(np.zeros_like(truth))
    assert difference(truth) < 0.5 * difference(-truth)
    assert 0.3 < pair.known.mean() < 1
    assert -8 < truth[pair.known].min() < truth[pair.known].max() < 0


def test_stereo_has_every_method_at_each_reduction():
    rows = benchmark_stereo((16,))
    assert [row.method for row in rows] == list(flow_methods())
    assert {(row.reduction, row.width, row.height) for row in rows} == {(16, 46, 31)}
    assert rows[1].epe_ratio == 1


def test_data_weight_is_varied_around_the_default():
    rows = benchmark_data_weight(size=48, pairs=1)
    smooth = [row for row in rows if row.kind == "smooth"]
    assert tuple(row.factor for row in smooth) == FACTORS
    assert smooth[-1].attachment == 16 * smooth[0].attachment
    # The weight must reach the method.
    assert len({row.epe for row in smooth}) == len(FACTORS)


def test_sliding_halves_hide_nothing():
    reference, moving = sliding_halves(64, "camera", 0.0)
    np.testing.assert_array_equal(reference[:, :32], moving[:, :32])
    np.testing.assert_array_equal(reference[:-SHIFT, 32:], moving[SHIFT:, 32:])


@pytest.mark.parametrize("width", [1.0, 4.0, 7.5])
def test_edge_width_of_a_ramp(width):
    x = np.arange(64) - 31.5
    found, shift = edge_width(np.clip(0.5 + (x - 3) / width, 0, 1))
    # The corners of the ramp lie between samples.
    assert found == pytest.approx(0.8 * width, abs=0.25)
    assert shift == pytest.approx(3, abs=0.02)


def test_edge_width_of_a_perfect_step_and_of_none():
    assert edge_width(np.repeat([0.0, 1.0], 8)) == pytest.approx((0.8, 0.0))
    assert edge_width(np.zeros(16)) == (16.0, 7.5)


def test_edge_sharpness_has_each_method_and_never_beats_a_perfect_edge():
    rows = benchmark_edge_sharpness(size=96, textures=("camera", "gravel"))
    assert tuple(row.method for row in rows) == METHODS
    for row in rows:
        assert row.low <= row.width <= row.high
        assert row.width > 0.3


@pytest.mark.skipif(available_cpus() < 2, reason="needs two CPUs")
def test_threads_are_measured_in_turns():
    (row,) = benchmark_threads_alone(size=32, pairs=4, rounds=3)
    assert row.throughput_ratio.low <= row.throughput_ratio.mean <= row.throughput_ratio.high
    assert min(row.pairs_per_second, row.pairs_per_second_two, row.cpu_milliseconds) > 0


@can_pin
def test_threads_are_not_measured_on_one_cpu():
    with pinned_to_one_cpu():
        assert benchmark_threads() == []


def test_magnitudes_are_shares_of_the_flow():
    rows = benchmark_magnitudes(sizes=(64,))
    assert [row.step for row in rows] == ["optical_flow_tvl1", "optical_strain", "frame_difference"]
    assert rows[0].percent_of_flow == 100
    assert all(0 < row.percent_of_flow < 100 for row in rows[1:])


def test_document_is_json_with_everything_and_says_what_is_missing(monkeypatch):
    def no_data():
        raise ValueError("no network")

    monkeypatch.setattr("skimage.data.stereo_motorcycle", no_data)
    steps = []
    plan = FlowPlan(
        (FlowCell("smooth", 32, 1, (0.0,)),),
        (8,),
        1,
        ("camera",),
        batch=2,
        rounds=1,
        processor_pairs=0,
        fresh=0,
    )
    document = flow_document(plan, seed=5, on_step=steps.append)
    assert json.loads(json.dumps(document))["flow"] == document["flow"]
    assert document["stereo"] == []
    assert "no network" in document["not_measured"]["stereo"]
    assert document["processors"] == document["startup"] == []
    assert document["not_measured"]["startup"] == "left out of this run"
    assert document["seed"] == 5
    assert document["machine"]["versions"]["numpy"] == np.__version__
    assert document["machine"]["cpus"] == available_cpus()
    assert {row["method"] for row in document["flow"]} == set(flow_methods())
    assert document["data_weight"] and document["edge_sharpness"] and document["magnitudes"]
    assert steps[0] == "two threads"
    assert "stereo pair" in steps


def test_scikit_image_is_called_once_a_pair_and_pairs_are_timed_in_turns(monkeypatch):
    calls = []
    methods = flow_methods()

    def spy(name):
        def call(reference, moving):
            calls.append(name)
            return methods[name].call(reference, moving)

        return call

    spied = {
        name: flow_benchmark.FlowMethod(spy(name), method.repeats)
        for name, method in methods.items()
    }
    monkeypatch.setattr(flow_benchmark, "flow_methods", lambda: spied)
    benchmark_flow([FlowCell("smooth", 32, 2, (0.0,))])
    assert calls.count(SCIKIT_IMAGE) == 1 + 2
    a_turn = [name for name, method in methods.items() for _ in range(method.repeats)]
    assert calls == [*methods, *a_turn, *a_turn]


def test_first_flow_is_slow_once_and_later_processes_are_not(monkeypatch):
    # All kernels, as they are timed for users, take half a minute to compile: one of them here.
    assert measure_in_child(startup._FIRST_CALL, {}) > 0
    strain = "optical_strain(np.zeros((64, 64, 2), np.float32))"
    only_strain = startup._FIRST_CALL.replace(
        "optical_strain(optical_flow_tvl1(image, image))", strain
    )
    assert only_strain.count(strain) == 1
    monkeypatch.setattr(startup, "_FIRST_CALL", only_strain)
    rows = {row.step: row for row in benchmark_startup(fresh=1, later=1)}
    imported, _, first, later = rows.values()
    assert (first.processes, later.processes) == (1, 1)
    assert first.low <= first.seconds <= first.high
    # Compiling is ten times the loading, so that this holds on a busy machine too.
    assert later.seconds < first.seconds
    assert imported.seconds > 0


def test_a_failing_measurement_says_what_its_process_said():
    with pytest.raises(RuntimeError, match="ended with 1: ValueError: no such thing"):
        measure_in_child("raise ValueError('no such thing')", {})


@pytest.mark.slow
def test_processors_differ_in_time_and_not_in_flow():
    rows = benchmark_processors(pairs=1)
    assert [row.processor for row in rows] == ["this one", "AVX2", "generic x86-64"]
    assert all(row.largest_difference < 1e-3 for row in rows)
    assert rows[2].milliseconds > rows[0].milliseconds


def test_picture_shows_each_kind_with_what_methods_make_of_it():
    picture = flow_picture(size=64)
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    rows = np.split(picture, 3)
    assert all((row < 200).any() for row in rows)
    assert not np.array_equal(rows[0], rows[1])
