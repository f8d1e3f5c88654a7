"""What `evaluate` reads and writes: run folders, and CSV files from anybody's code."""

import json

import pytest

from keras_ma2mi.evaluation import summarise
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.commands.evaluate import _named_classes
from ma2mi_recipes.evaluation_sources import read_sources
from ma2mi_recipes.evaluation_stage import evaluate_runs, write_metrics
from ma2mi_recipes.report import compare_runs
from tests.recipes.report.made_up import CLASSES, fits, key_frames, predictions
from tests.recipes.report.page_reading import Page
from tests.recipes.report.run_folders import run_folder

NEEDED = ["clip_id", "subject", "label", "prediction"]


def text_of(path) -> str:
    return Page(path.read_text(encoding="utf-8")).text


def csv(path, accuracy=0.6, columns=NEEDED, **changes):
    predictions(accuracy).assign(**changes)[[*columns, *changes]].to_csv(path, index=False)
    return path


def figures(path, **options):
    source = read_sources([path], **options)[0]
    write_metrics(source, [])
    return source, json.loads(source.metrics.read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run that peeked, with everything that a run can hold."""
    path = tmp_path_factory.mktemp("runs") / "literature"
    drawn = predictions(0.75).head(6)
    run_folder(
        path,
        0.75,
        select="peek",
        model="miacnet",
        tables={
            "predictions_last.csv": predictions(0.55).assign(select="last"),
            "fits.csv": fits(),
            "key_frames.csv": key_frames(0.75, frames=(0, 5)),
        },
        pictures=tuple(f"hit__{name.replace('/', '__')}.png" for name in drawn["clip_id"]),
    )
    for model, accuracy in (("linear_svm", 0.3), ("majority", 0.0)):
        run_folder(path / "baselines" / model, accuracy, model=model)
    evaluate_runs([path])
    return path


def test_a_peeked_run_is_marked_in_its_metrics_and_on_its_page(folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["select"] == "peek"
    assert metrics["peeked"] is True
    assert any("inflated" in notice["text"] for notice in metrics["notices"])
    assert "literature (peeked)" in text_of(folder / "report.html")


def test_metrics_hold_the_summary_and_that_of_each_baseline(folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    expected = summarise(predictions(0.75), CLASSES)
    assert metrics["pooled"] == json.loads(json.dumps(expected["pooled"]))
    assert list(metrics["baselines"]) == ["linear SVM", "majority of training clips"]
    svm = summarise(predictions(0.3), CLASSES)["pooled"]["uf1"]["value"]
    assert metrics["baselines"]["linear SVM"]["uf1"]["value"] == pytest.approx(svm)


def test_all_that_a_run_holds_is_on_its_page(folder):
    text = text_of(folder / "report.html")
    for told in (
        "Choice of the epoch",
        "Both rows are of the very same trainings",
        "Key frames",
        "by heart",
        "linear SVM",
        "Hits",
        "Misses",
    ):
        assert told in text


def test_what_a_run_does_not_hold_leaves_its_section_out(tmp_path):
    text = text_of(evaluate_runs([run_folder(tmp_path / "run")]))
    for told in ("Choice of the epoch", "Key frames", "training clips right", "Heat maps"):
        assert told not in text
    assert "most frequent class of all clips" in text


def test_a_baseline_that_is_not_finished_is_left_out_and_said(tmp_path, capsys):
    path = run_folder(tmp_path / "run")
    stopped = run_folder(path / "baselines" / "rbf_svm", model="rbf_svm") / "run.json"
    content = json.loads(stopped.read_text())
    del content["finished"]
    stopped.write_text(json.dumps(content))
    assert read_sources([path])[0].run.baselines == []
    assert "rbf_svm is not finished" in capsys.readouterr().out


def test_four_columns_are_enough_and_the_class_set_seen_is_stated(tmp_path, capsys):
    path = csv(tmp_path / "theirs.csv")
    report = evaluate_runs([path])
    assert report == tmp_path / "theirs.report.html"
    assert "taken from the labels and predictions seen: negative, positive, surprise" in text_of(
        report
    )
    assert "state the set with --classes" in capsys.readouterr().out
    metrics = json.loads((tmp_path / "theirs.metrics.json").read_text())
    uf1 = summarise(predictions(0.6).drop(columns="dataset"), CLASSES)["pooled"]["uf1"]["value"]
    assert metrics["pooled"]["uf1"]["value"] == pytest.approx(uf1)
    assert metrics["peeked"] is False


def test_a_class_that_only_the_option_names_counts_zero(tmp_path):
    path = csv(tmp_path / "theirs.csv")
    _, metrics = figures(path, classes=[*CLASSES, "disgust"])
    assert metrics["pooled"]["absent_classes"] == ["disgust"]
    three = summarise(predictions(0.6), CLASSES)["pooled"]["uf1"]["value"]
    assert metrics["pooled"]["uf1"]["value"] == pytest.approx(three * 3 / 4)


def test_a_table_that_says_it_peeked_is_marked(tmp_path):
    source, metrics = figures(csv(tmp_path / "theirs.csv", select="peek"), classes=CLASSES)
    assert source.run.peeked
    assert metrics["name"] == "theirs (peeked)"
    assert metrics["peeked"] is True


def test_runs_and_tables_are_compared_over_the_same_clips(tmp_path):
    run = run_folder(tmp_path / "ours", 0.8)
    table = csv(tmp_path / "theirs.csv", 0.4, [*NEEDED, "dataset"])
    sources = read_sources([run, table])
    (tested,) = compare_runs([source.run for source in sources])
    assert (tested.baseline, tested.candidate, tested.reason) == ("ours", "theirs", "")
    assert [source.report.name for source in sources] == ["report.html", "theirs.report.html"]
    assert not any(source.notices for source in sources)


def test_several_seeds_of_a_table_give_their_spread(tmp_path):
    path = tmp_path / "theirs.csv"
    predictions(0.6, seeds=(1, 2))[[*NEEDED, "seed"]].to_csv(path, index=False)
    metrics = figures(path, classes=CLASSES)[1]["pooled"]
    expected = summarise(predictions(0.6, seeds=(1, 2)).drop(columns="dataset"), CLASSES)["pooled"]
    assert metrics["seeds"] == [1, 2]
    assert metrics["uf1"]["spread"] == pytest.approx(expected["uf1"]["spread"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("clip_id,subject,label\na,s,negative\n", "lack.*'prediction'"),
        ("clip_id,subject,label,prediction\n", "no rows"),
        ("", "no readable CSV"),
        ("clip_id,subject,label,prediction\na,,negative,negative\n", "row 1: `subject` is empty"),
        (
            "clip_id,subject,label,prediction\na,s,negative,negative\na,s,negative,positive\n",
            "more than once.*'a'",
        ),
        ("clip_id,subject,label,prediction\na,s,fear,negative\n", "'fear'.*class set"),
        (
            "clip_id,subject,label,prediction,select\na,s,negative,negative,best\n",
            "row 1: `select` is 'best'",
        ),
        (
            "clip_id,subject,label,prediction,seed\na,s,negative,negative,one\n",
            "row 1: the seed 'one'",
        ),
    ],
)
def test_a_table_that_cannot_be_scored_is_one_line_with_its_name(tmp_path, content, complaint):
    (tmp_path / "theirs.csv").write_text(content)
    with pytest.raises(InputError, match=rf"theirs\.csv.*{complaint}") as caught:
        evaluate_runs([tmp_path / "theirs.csv"], classes=CLASSES)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.csv"]


def test_runs_of_other_classes_are_refused(tmp_path):
    run = run_folder(tmp_path / "ours")
    with pytest.raises(InputError, match="only runs of one class set"):
        evaluate_runs([run], classes=["a", "b"])


@pytest.mark.parametrize("text", ["", "a,,b", "a,a"])
def test_class_names_of_the_option_must_differ(text):
    with pytest.raises(InputError, match="--classes"):
        _named_classes(text)
    assert _named_classes("negative, positive") == ["negative", "positive"]
