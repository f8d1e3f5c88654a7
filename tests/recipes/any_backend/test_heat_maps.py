"""Heat maps scored by the true motion of rendered clips, as far as no network is needed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from keras_ma2mi.evaluation import moving_regions
from ma2mi_preprocessing.pipeline import PreprocessOptions, preprocess
from ma2mi_preprocessing.store import ClipStore, open_store
from ma2mi_preprocessing.synthesis import synthesize
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.ma2mi_benchmark import Condition, Plan, RenderedSet
from ma2mi_recipes.ma2mi_benchmark.cells import cells_of
from ma2mi_recipes.ma2mi_benchmark.heat_map_results import _simple_maps
from ma2mi_recipes.ma2mi_benchmark.heat_map_tables import heat_map_tables
from ma2mi_recipes.ma2mi_benchmark.heat_maps import scores_of
from ma2mi_recipes.ma2mi_benchmark.true_motion import Rendering, TrueMotion, true_motion
from ma2mi_recipes.probes.targets import FLOW, probe_targets

RENDERED = RenderedSet("macro", 2, 5, seed=3, style="plain", fps=10.0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ClipStore:
    folder = tmp_path_factory.mktemp("clips")
    clips = synthesize("macro", folder / "clips", subjects=2, clips_per_subject=5, size=96,
                       fps=10.0, seed=3)  # fmt: skip
    options = PreprocessOptions(size=48, pairs="key", detector="none")
    preprocess(clips, folder / "store", options, contact_sheets=False)
    return open_store(folder / "store")


@pytest.fixture(scope="module")
def clips(store: ClipStore) -> LabelledClips:
    return load_labelled_clips(store, "flow")


@pytest.fixture(scope="module")
def truth(store: ClipStore, clips: LabelledClips) -> TrueMotion:
    return true_motion(store, clips.clip_ids, Rendering(RENDERED, 96))


def test_the_truth_lies_on_the_grid_of_the_store_and_is_what_is_measured(
    clips: LabelledClips, truth: TrueMotion
) -> None:
    measured = clips.motion[..., :2]
    assert truth.flow.shape == measured.shape
    along = []
    for true, found in zip(truth.flow, measured, strict=True):
        length = np.linalg.norm(true, axis=-1)
        moves = length > 0.5 * length.max()
        along.append((true[moves] * found[moves]).sum() / np.square(true[moves]).sum())
    # But for the head, and what TV-L1 makes of so few pixels: same direction, size, and place.
    assert min(along) > 0.1
    assert 0.5 < np.median(along) < 1.2
    turned = [np.corrcoef(one[::-1].ravel(), two.ravel())[0, 1]
              for one, two in zip(truth.flow, measured, strict=True)]  # fmt: skip
    right = [np.corrcoef(one.ravel(), two.ravel())[0, 1]
             for one, two in zip(truth.flow, measured, strict=True)]  # fmt: skip
    assert min(right) > 0.4 > max(turned)
    with pytest.raises(KeyError):
        true_motion(None, ["rendered_macro/s09/c01"], Rendering(RENDERED, 96))  # type: ignore[arg-type]


def test_maps_without_a_network_are_worse_than_the_truth_and_better_than_chance(
    clips: LabelledClips, truth: TrueMotion
) -> None:
    regions = moving_regions(truth.flow)
    maps = {**_simple_maps(clips, regions), "truth": np.linalg.norm(truth.flow, axis=-1)}
    table = scores_of(maps, clips, np.arange(len(clips)), regions)
    assert set(table.columns) == {"clip_id", "subject", "map", "pointing", "overlap", "mass"}
    means = table.groupby("map")[["pointing", "overlap", "mass"]].mean()
    np.testing.assert_allclose(means.loc["truth", ["pointing", "overlap"]], 1.0)
    area = regions.mean()
    assert means.loc["chance", "pointing"] == pytest.approx(area)
    assert means.loc["chance", "mass"] == pytest.approx(area)
    assert means.loc["motion", "pointing"] > 0.5 > 3 * area
    assert means.loc["motion", "overlap"] > means.loc["chance", "overlap"]
    # Where others move knows nothing of the clip itself.
    others = maps["others"]
    for row, person in enumerate(clips.subjects):
        elsewhere = [one != person for one in clips.subjects]
        np.testing.assert_allclose(others[row], regions[elsewhere].mean(axis=0))


def test_targets_of_a_probe_are_flow_on_a_grid_and_units_that_are_seen_often(
    clips: LabelledClips, truth: TrueMotion
) -> None:
    found = probe_targets(clips, truth)
    assert found.values[FLOW].shape == (len(clips), 128)
    np.testing.assert_allclose(
        found.values[FLOW].reshape(-1, 64, 2).mean(axis=1), truth.flow.mean(axis=(1, 2)), atol=1e-6
    )
    # Two people are too few to say anything about a third.
    shown = {unit for one in truth.intensities for unit in one}
    assert set(found.left_out) == shown and not found.units
    people = [f"p{row % 7}" for row in range(4 * len(clips))]
    more = probe_targets(
        replace(clips, subjects=people, clip_ids=clips.clip_ids * 4),
        TrueMotion(np.tile(truth.flow, (4, 1, 1, 1)), truth.intensities * 4),
    )
    for unit in more.units:
        values = more.values[unit][:, 0]
        assert more.clips_of_units[unit] == np.count_nonzero(values) >= 8
    assert set(more.units) | set(more.left_out) == shown and more.units


def test_heat_maps_are_scored_with_all_labels_and_where_there_is_an_action_branch(
    tmp_path: Path,
) -> None:
    plan = Plan("one", RENDERED, RenderedSet("micro", 3, 5, seed=2), fractions=(0.5, 1.0),
                seeds=(0,), size=32)  # fmt: skip
    conditions = [
        Condition("scratch"),
        Condition("scratch", branches="position"),
        Condition("majority", training={"model": "majority"}),
    ]
    cells = cells_of(plan, conditions, tmp_path)
    explained = [(cell.condition, cell.fraction) for cell in cells if cell.explained is not None]
    assert explained == [("scratch, both", 1.0)]
    cell = cells[1]
    cell.path.parent.mkdir(parents=True)
    cell.path.touch()
    assert not cell.finished
    cell.heat_maps_path.touch()
    assert cell.finished


def test_tables_tell_maps_and_differences_in_words() -> None:
    figure = {"value": 0.5, "low": 0.4, "high": 0.6}
    scores = {"pointing": figure, "overlap": figure, "mass": figure}
    line = {"a": "scratch", "b": "ma2mi", "map": "response", "score": "pointing",
            "difference": 0.1, "low": 0.0, "high": 0.2, "p_value": 0.1, "p_holm": 0.2}  # fmt: skip
    tables = heat_map_tables(
        {
            "fraction": 1.0,
            "area": 0.03,
            "rows": [{"condition": "ma2mi", "map": "response", **scores}],
            "without_network": [{"name": "chance", **scores}],
            "comparisons": [line],
        },
        str.upper,
    )
    assert tables[0].rows[0] == (
        "MA2MI", "response of the action branch", *["0.500 (0.400 to 0.600)"] * 3
    )  # fmt: skip
    assert "3.0 % of the picture" in tables[0].note
    assert tables[1].rows[0][:4] == (
        "MA2MI",
        "SCRATCH",
        "response of the action branch",
        "pointing",
    )
