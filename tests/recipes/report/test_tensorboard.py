"""The event logs of a run, read back with TensorBoard's own reader."""

import builtins
import importlib.util
import sys
import types

import pandas as pd
import pytest

from ma2mi_recipes import tensorboard_logs
from ma2mi_recipes.evaluation_sources import read_sources
from ma2mi_recipes.evaluation_stage import write_logs_of
from ma2mi_recipes.tensorboard_logs import write_logs
from tests.recipes.report.made_up import (
    fits,
    heat_maps,
    info,
    nested_history,
    peeked_history,
    run,
)
from tests.recipes.report.run_folders import run_folder


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch):
    """TensorBoard's stand-in for a machine without TensorFlow; importing that would fail."""
    pytest.importorskip("tensorboard")
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", types.ModuleType("notf"))
    real = builtins.__import__

    def refusing(name, *arguments, **options):
        if name.split(".")[0] == "tensorflow":
            raise ImportError(f"{name} is not installed")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refusing)


def read(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def scalars(folder, tag) -> pd.Series:
    values = read(folder).Scalars(tag)
    return pd.Series([one.value for one in values], [one.step for one in values])


def test_a_folds_history_comes_back_epoch_by_epoch(tmp_path):
    nested = run(history=nested_history(1.5, folds=2), fits=fits(folds=2))
    logs = write_logs(tmp_path, nested)
    outer = nested.history[
        (nested.history["fold"] == "sub02") & (nested.history["part"] == "outer")
    ]
    found = scalars(logs / "seed-0" / "sub02", "loss/training")
    assert found.index.tolist() == outer["epoch"].tolist()
    assert found.to_numpy() == pytest.approx(outer["loss"].to_numpy(), rel=1e-6)
    inner = nested.history[
        (nested.history["fold"] == "sub02") & (nested.history["part"] == "inner")
    ]
    assert scalars(logs / "seed-0" / "sub02", "accuracy/inner subjects").to_numpy() == (
        pytest.approx(inner.groupby("epoch")["val_accuracy"].mean().to_numpy(), rel=1e-6)
    )
    assert scalars(logs / "seed-0" / "sub02", "fit/held-out clips").to_numpy() == pytest.approx(
        [nested.fits["held_out_accuracy"][1]]
    )


def test_the_pooled_log_holds_scores_and_pictures(tmp_path):
    logs = write_logs(tmp_path, run(heat_maps=heat_maps(2)))
    events = read(logs / "pooled")
    assert {"pooled/uf1", "pooled/uar", "pooled/accuracy"} <= set(events.Tags()["scalars"])
    pictures = events.Tags()["images"]
    assert "confusion, rows are labels" in pictures
    assert len(pictures) == 3
    assert events.Images(pictures[0])[0].encoded_image_string.startswith(b"\x89PNG")


def test_what_was_peeked_says_so_in_its_tag(tmp_path):
    peeked = run(info=info(select="peek"), history=peeked_history(1.5, folds=1), fits=fits(folds=1))
    logs = write_logs(tmp_path, peeked)
    tags = read(logs / "seed-0" / "sub01").Tags()["scalars"]
    assert "accuracy/held out, peeked" in tags
    assert "fit/held-out clips (peeked)" in tags
    pooled = read(logs / "pooled").Tags()
    assert all("peeked" in tag for tag in [*pooled["scalars"], *pooled["images"]])


def test_writing_again_replaces(tmp_path):
    for _ in range(2):
        logs = write_logs(tmp_path, run(history=peeked_history(1.5, folds=1)))
    assert len(list((logs / "pooled").iterdir())) == 1
    assert len(scalars(logs / "pooled", "pooled/uf1")) == 1
    write_logs(tmp_path, run(history=None))
    assert [path.parent.name for path in logs.rglob("events*")] == ["pooled"]


def test_without_the_package_nothing_is_written_and_one_line_said(tmp_path, monkeypatch, capsys):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        tensorboard_logs.importlib.util,
        "find_spec",
        lambda name, *given: None if name == "tensorboard" else real(name, *given),
    )
    write_logs_of(read_sources([run_folder(tmp_path / "run")])[0])
    assert "no TensorBoard logs: the package is not installed" in capsys.readouterr().out
    assert not (tmp_path / "run" / "tensorboard").exists()
