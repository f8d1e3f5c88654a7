"""A run over action units from the first fold to the report, on the backend at hand."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, call, succeed

# What they share takes long to make: once, by one worker.
pytestmark = pytest.mark.xdist_group("action_units")


@pytest.fixture(scope="module")
def run(chain: Chain, backend: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("units") / "run"
    succeed("train", chain.micro_store, folder, "--action-units", "4,12", "--epochs", 1,
            "--batch-size", 8, "--branches", "action", "--key-frames", "0,2",
            "--no-baselines", "--backend", backend)  # fmt: skip
    return folder


def _table(run: Path) -> pd.DataFrame:
    return RunDirectory.open(run, "train").read_table("predictions.csv")


def test_the_report_shows_the_mean_f1_at_moved_key_frames(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Mean F1 with moved key frames: onset moved by 2 frames" in page


def test_baselines_are_fitted_to_the_same_units_in_the_same_folds(
    chain: Chain, run: Path, tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ma2mi_recipes.baselines.choice as choice

    monkeypatch.setitem(choice.NETWORK_SCHEDULE, "epochs", 2)
    shutil.copytree(run, tmp_path / "run")
    told = succeed("baselines", chain.micro_store, tmp_path / "run", "--backend", backend)
    assert "fold" in told and "F1 of action units" in told
    ours = _table(run)
    columns = ["clip_id", "fold", "seed", "label_AU4", "label_AU12"]
    fitted = {path.name: _table(path) for path in (tmp_path / "run" / "baselines").iterdir()}
    assert sorted(fitted) == [
        "linear_svm",
        "majority",
        "rbf_svm",
        "rbf_svm_residual",
        "three_stream_cnn",
    ]
    for table in fitted.values():
        pd.testing.assert_frame_equal(table[columns], ours[columns])
    for unit in ("AU4", "AU12"):
        for fold, rows in fitted["majority"].groupby("fold"):
            share = ours.loc[ours["fold"] != fold, f"label_{unit}"].mean()
            np.testing.assert_allclose(rows[f"probability_{unit}"], share, atol=1e-6)
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "majority of training clips" in page and "three-stream CNN" in page


def test_heat_maps_show_what_speaks_for_each_unit(run: Path) -> None:
    with np.load(run / "heat_maps.npz") as saved:
        maps = saved["maps"]
    assert maps.shape[:2] == (12, 2) and not np.allclose(maps[:, 0], maps[:, 1])
    told = succeed("explain", run, "--most", 3)
    drawn = sorted(path.relative_to(run / "heat_maps") for path in run.rglob("*.png"))
    assert "6 pictures" in told
    assert [path.parent.name for path in drawn] == ["AU12"] * 3 + ["AU4"] * 3
    succeed("explain", run, "--action-units", "4", "--most", 2)
    assert {path.parent.name for path in run.rglob("*.png")} == {"AU4"}
    succeed("evaluate", run)
    page = (run / "report.html").read_text(encoding="utf-8")
    assert page.count("Heat map over the face") == 2 and "for the action unit named below" in page


@pytest.mark.parametrize(
    ("units", "message"),
    [("6", "predicts action units AU4, AU12: there is no AU6"), ("x", "different FACS numbers")],
)
def test_a_unit_that_the_run_does_not_predict_is_refused_in_one_line(
    run: Path, units: str, message: str
) -> None:
    done = call("explain", run, "--action-units", units)
    assert done.exit_code == 2 and message in " ".join(done.output.split())


def test_maps_of_an_older_release_are_refused_with_what_to_do(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "old")
    with np.load(run / "heat_maps.npz") as saved:
        np.savez(
            tmp_path / "old" / "heat_maps.npz", maps=saved["maps"][:, 0], clip_id=saved["clip_id"]
        )
    done = call("explain", tmp_path / "old")
    assert done.exit_code == 2 and "repeat the run" in " ".join(done.output.split())


def test_action_units_of_a_run_over_classes_cannot_be_explained(chain: Chain) -> None:
    done = call("explain", chain.run, "--action-units", "4")
    assert done.exit_code == 2
    assert "predicts classes, no action units" in " ".join(done.output.split())
