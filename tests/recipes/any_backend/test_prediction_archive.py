"""Predictions in one file: taken up elsewhere, added to, and refused where they do not fit."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.ma2mi_benchmark import (
    Condition,
    Plan,
    PredictionArchive,
    RenderedSet,
    Results,
    families_beside,
    results_document,
    run_conditions,
)

PLAN = Plan(
    "tiny",
    macro=RenderedSet("macro", 1, 1, seed=1, style="plain"),
    micro=RenderedSet("micro", 2, 5, seed=2, style="plain", fps=20.0),
    fractions=(1.0,),
    seeds=(0, 1),
    size=32,
)
CONDITIONS = [Condition(name, training={"model": name}) for name in ("majority", "linear_svm")]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, PredictionArchive]:
    out = tmp_path_factory.mktemp("archived")
    archive = PredictionArchive(out / "predictions.zip")
    return run_conditions(PLAN, CONDITIONS, out / "all", archive=archive), archive


def test_another_folder_takes_predictions_up_and_gives_the_same_figures(
    fitted: tuple[Results, PredictionArchive], tmp_path: Path
) -> None:
    results, archive = fitted
    told: list[tuple[str, int, int]] = []
    again = run_conditions(
        PLAN, CONDITIONS, tmp_path, 1, lambda *step: told.append(step), archive=archive
    )
    assert told[-1] == ("fine-tuning", 4, 4)
    assert ("fine-tuning", 3, 4) not in told
    families = families_beside(CONDITIONS)
    documents = [results_document(one, families, resamples=20) for one in (results, again)]
    assert documents[0] == documents[1]


def test_what_is_fitted_is_added_once(
    fitted: tuple[Results, PredictionArchive], tmp_path: Path
) -> None:
    archive = PredictionArchive(tmp_path / "predictions.zip")
    archive.path.write_bytes(fitted[1].path.read_bytes())
    more = replace(PLAN, seeds=(1, 2))
    results = run_conditions(more, CONDITIONS, tmp_path / "more", archive=archive)
    # Predictions of one seed more and facts about them, of two conditions.
    assert [call["files"] for call in archive.calls()] == [8, 4]
    content = archive.path.read_bytes()
    assert archive.add(tmp_path / "more", results.cells[0].files()) == 0
    assert archive.path.read_bytes() == content
    with zipfile.ZipFile(archive.path) as opened:
        for cell in results.cells:
            name = cell.path.relative_to(tmp_path / "more").as_posix()
            assert opened.read(name) == cell.path.read_bytes()


def test_what_was_fitted_before_an_error_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = PredictionArchive(tmp_path / "predictions.zip")

    def stop(step: str, done: int, total: int) -> None:
        if (step, done) == ("fine-tuning", 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_conditions(PLAN, CONDITIONS, tmp_path / "all", 1, stop, archive)
    assert [call["files"] for call in archive.calls()] == [4]


def test_unpacking_that_was_cut_off_leaves_nothing_half_told(
    fitted: tuple[Results, PredictionArchive], tmp_path: Path
) -> None:
    results, archive = fitted
    with zipfile.ZipFile(archive.path) as opened:
        names = opened.namelist()
    for cell in results.cells:
        *others, last = [
            names.index(path.relative_to(cell.out).as_posix()) for path in cell.files()
        ]
        assert all(place < last for place in others)
    cell = results.cells[0]
    kept = tmp_path / cell.path.relative_to(cell.out)
    kept.parent.mkdir(parents=True)
    kept.write_text("what is there stays")
    assert archive.unpack(tmp_path) == len(names) - 2
    assert kept.read_text() == "what is there stays"


@pytest.mark.parametrize(
    ("member", "content", "said"),
    [
        ("about.json", "no JSON", "is no archive of predictions"),
        ("about.json", json.dumps({"archive": 1, "renderer": -1}), "written with renderer -1"),
        ("../outside.csv", "", "holds ../outside.csv, which is no file of a benchmark"),
        ("cells/x/y.py", "", "holds cells/x/y.py"),
    ],
)
def test_what_is_no_archive_of_this_release_is_refused(
    fitted: tuple[Results, PredictionArchive], tmp_path: Path, member: str, content: str, said: str
) -> None:
    path = tmp_path / "predictions.zip"
    with zipfile.ZipFile(fitted[1].path) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            if name != member:
                after.writestr(name, before.read(name))
        after.writestr(member, content)
    with pytest.raises(InputError, match=said):
        PredictionArchive(path).unpack(tmp_path / "out")
    assert not (tmp_path / "outside.csv").exists()


def test_a_file_that_is_no_zip_is_refused_before_anything_is_fitted(tmp_path: Path) -> None:
    path = tmp_path / "predictions.zip"
    path.write_text("clip_id,label")
    with pytest.raises(InputError, match="is no archive of predictions"):
        run_conditions(PLAN, CONDITIONS, tmp_path / "all", archive=PredictionArchive(path))
    assert path.read_text() == "clip_id,label"
