"""The command of the benchmark of shifts, on the smallest plan that has all parts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ma2mi_recipes import shifts_benchmark
from ma2mi_recipes.ma2mi_benchmark import Plan, RenderedSet
from ma2mi_recipes.shifts_benchmark import ShiftPlan
from tests.recipes.conftest import call, succeed

PLAN = ShiftPlan(
    Plan(
        "tiny",
        macro=RenderedSet("macro", 2, 5, seed=1, fps=10.0),
        micro=RenderedSet("micro", 2, 5, seed=2, fps=20.0),
        methods=("scratch", "ma2mi", "ma2mi_then_labels"),
        branches=("both",),
        fractions=(1.0,),
        seeds=(0,),
        size=32,
        epochs=1,
        pretraining_epochs=1,
        pairs_per_clip=2,
        baselines=False,
    ),
    fine_tuning_styles=("plain",),
    pretraining_styles=("plain",),
    test_styles=("plain", "photograph"),
    test_subjects=1,
    test_clips_per_subject=5,
    test_seed=3,
)


def test_networks_learn_in_one_style_and_answer_in_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setattr(shifts_benchmark, "QUICK_SHIFTS", replace(PLAN, test_styles=("natural",)))
    files = [tmp_path / name for name in ("all.json", "all.md")]
    command = (
        "benchmark", "shifts", "--quick", "--workers", 1, "--backend", backend, "--no-baselines",
        "--test-style", "plain,photograph", "--predictions", tmp_path / "predictions.zip",
    )  # fmt: skip
    said = succeed(*command, "--out", tmp_path / "out", "--json", files[0], "--markdown", files[1])
    document = json.loads(files[0].read_text())
    rows = [(row["method"], row["pretraining_style"], row["test"]) for row in document["rows"]]
    assert rows == [
        ("scratch", None, "plain"),
        ("scratch", None, "photograph"),
        ("ma2mi", "plain", "plain"),
        ("ma2mi", "plain", "photograph"),
        ("ma2mi_then_labels", "plain", "plain"),
        ("ma2mi_then_labels", "plain", "photograph"),
    ]
    assert all(row["clips"] == 5 for row in document["rows"])
    # The reconstruction serves both.
    assert [row["condition"] for row in document["pretraining"]] == [
        "ma2mi, both",
        "ma2mi_then_labels, both",
    ]
    assert "add up in another world?" in files[1].read_text()
    assert "| MA2MI (plain) | from scratch | 100 % | photograph |" in files[1].read_text()
    assert "from scratch" in said
    # What was predicted is enough to make the figures again, where nothing was rendered to test on.
    again = tmp_path / "again.json"
    succeed(*command, "--out", tmp_path / "elsewhere", "--json", again)
    assert json.loads(again.read_text())["rows"] == document["rows"]
    assert not list((tmp_path / "elsewhere").rglob("*.keras"))
    assert len(list((tmp_path / "elsewhere" / "clips").iterdir())) == 1


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--style", "photograph", "no rendering style to learn from photograph"),
        ("--pretraining-style", "natural,photograph", "style to learn from photograph"),
        ("--test-style", "cubist", "no rendering style to test in cubist"),
        ("--only", "magic", "there is no method magic"),
        ("--seeds", "1,1", "must be different numbers"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(
    option: str, value: str, said: str, backend: str
) -> None:
    result = call("benchmark", "shifts", option, value, "--backend", backend)
    assert result.exit_code != 0
    assert said in " ".join(result.output.split())
