"""The report as a page: what it shows, that it is safe and that it stands alone."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import PredictionsError, paired_permutation_test, summarise
from ma2mi_recipes.report import HeatMap, ReportRun, compare_runs, write_report
from ma2mi_recipes.report.notices import notices_of
from ma2mi_recipes.report.sections import summary_of
from tests.recipes.report.made_up import (
    CLASSES,
    fits,
    history,
    info,
    key_frames,
    peeked_history,
    png,
    predictions,
    run,
)
from tests.recipes.report.page_reading import Page


def written(tmp_path, runs, **options) -> str:
    write_report(tmp_path / "report.html", options.pop("title", "A report"), runs, **options)
    return (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def html(tmp_path_factory) -> str:
    return written(
        tmp_path_factory.mktemp("report"),
        [run("ma2mi", 0.75), run("scratch", 0.4)],
        notices=["These clips are rendered."],
        pictures=[("contact sheet of one clip", png(300, 80))],
        next_steps=["keras-ma2mi preprocess clips.csv my.store"],
    )


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


def test_the_figures_shown_are_those_of_the_summary(page):
    for accuracy in (0.75, 0.4):
        pooled = summarise(predictions(accuracy), CLASSES)["pooled"]
        for metric in ("accuracy", "uf1", "uar"):
            value = pooled[metric]
            assert f"{value['value']:.3f}" in page.text
            assert f"[{value['low']:.2f}, {value['high']:.2f}]" in page.text


def test_the_comparison_shown_is_that_of_the_paired_test(page):
    result = paired_permutation_test(predictions(0.75), predictions(0.4), CLASSES)
    uf1 = result.metrics["uf1"]
    assert "scratch − ma2mi" in page.text
    assert f"−{-uf1.difference:.3f}" in page.text
    assert f"p\u00a0=\u00a0{uf1.p_value:.3f}" in page.text


def test_every_confusion_count_is_shown_with_its_share_of_the_row(html):
    matrix = np.array(summarise(predictions(0.4), CLASSES)["pooled"]["confusion"])
    table = html[html.index('aria-label="Confusion matrix of scratch"') :]
    shown = re.findall(r"<td[^>]*>(\d+)<span class=\"sub\">(\d+) %", table)[:9]
    assert [int(count) for count, _ in shown] == matrix.ravel().tolist()
    shares = 100 * matrix / matrix.sum(axis=1, keepdims=True)
    assert np.abs(np.array([int(s) for _, s in shown]) - shares.ravel()).max() <= 0.5


def test_what_was_run_is_told(page):
    for fact in [
        "leave-one-subject-out",
        "last epoch",
        "jax",
        "76cd20a534e49a82",
        "0f3a9e4d2c1b",
        "keras 3.15.1",
        "keras-ma2mi train demo/micro.store runs/ma2mi",
        "epochs 30",
        "casme2/sub01",
        "These clips are rendered.",
        "keras-ma2mi preprocess clips.csv my.store",
        "most frequent class of all clips",
    ]:
        assert fact in page.text


def test_notices_come_before_any_figure(html):
    assert html.index("These clips are rendered.") < html.index("<h2")


def test_nothing_is_loaded_from_elsewhere(html, page):
    assert page.all("script") == page.all("link") == page.all("iframe") == []
    sources = [
        a[key] for _, a in page.elements for key in ("src", "href", "xlink:href") if key in a
    ]
    assert sources
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in sources)
    # Namespaces name SVG and are never fetched.
    assert set(re.findall(r"https?://[^\"' ]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_the_page_follows_the_readers_colours(html):
    assert "prefers-color-scheme: dark" in html
    pictures = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(pictures) >= 6
    for picture in pictures:
        assert "var(--ink)" in picture
        assert not re.search(r"#0[0-9a-f]{5}", picture)


def test_the_page_is_well_formed_and_ids_are_unique_and_found(page):
    assert page.unbalanced == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for _, a in page.elements if a.get("href", "").startswith("#")]
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert {*targets, *labels} <= set(ids)


def test_tables_have_captions_and_scoped_headers_and_pictures_have_words(page):
    assert len(page.tables) >= 6
    assert all(table["captions"] == 1 and table["headers"] > 0 for table in page.tables)
    assert sum(table["unscoped"] for table in page.tables) == 0
    assert all(image.get("alt") for image in page.all("img"))
    assert all(len(svg.get("aria-label", "")) > 10 for svg in page.all("svg"))
    assert page.all("html")[0]["lang"] == "en"


def test_everything_written_by_people_is_escaped(tmp_path):
    nasty = "<script>alert(1)</script>\"'&{{ 7*7 }} $x$"
    rows = predictions(0.5, datasets=(nasty, "samm"))
    classes = [nasty, *CLASSES[1:]]
    for column in ("label", "prediction"):
        rows[column] = rows[column].replace(CLASSES[0], nasty)
    hostile = run(
        nasty,
        predictions=rows,
        classes=classes,
        info=info(command=nasty, store=nasty, options={nasty: nasty}, left_out={"c": nasty}),
        history=history(1).rename(columns={"accuracy": nasty}),
        heat_maps=[HeatMap(nasty, nasty, "positive", 0.5, png())],
    )
    html = written(
        tmp_path,
        [hostile, hostile],
        title=nasty,
        notices=[nasty],
        pictures=[(nasty, png())],
        next_steps=[nasty],
    )
    page = Page(html)
    assert page.all("script") == []
    assert page.unbalanced == []
    assert "{{ 7*7 }}" in page.text
    assert all("<script>" in image["alt"] for image in page.all("img"))


def test_a_peeking_run_is_marked_in_every_table_and_plot(tmp_path):
    peeked = run(
        "a-very-long-name-of-a-run",
        0.9,
        info=info(select="peek"),
        history=peeked_history(1.5),
        last_predictions=predictions(0.6),
        fits=fits(),
        key_frames=key_frames(0.9, frames=(0, 5)),
    )
    html = written(tmp_path, [run("a", 0.7), peeked])
    page = Page(html)
    assert "epochs were chosen on the held-out subjects" in page.text
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        if "a-very-long-name" in table:
            assert "a-very-long-name-of-a-run (peeked)" in table
    pictures = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(pictures) == 3 + 1 + 2 + 1 + 3
    for picture in pictures:
        assert "(peeked)" in re.sub(r"aria-label=\"[^\"]*\"", "", picture)


def test_an_honest_report_warns_of_no_peeking(page):
    assert "peek" not in page.text


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"predictions": predictions(0.9, subjects=4)}, "Only 4 subjects"),
        ({"classes": [*CLASSES, "fear"]}, "fear has no clip"),
        (
            {"predictions": predictions(0.9).assign(prediction="negative")},
            "answers “negative” for every clip",
        ),
        ({"predictions": predictions(0.0)}, "includes chance (0.33)"),
        ({"info": info(left_out={"a": "no label", "b": "no apex"})}, "2 clips of the store left"),
        ({"predictions": predictions(0.9)}, "One seed"),
    ],
)
def test_what_makes_figures_doubtful_is_said(changes, warning):
    doubtful = run(**changes)
    notices = notices_of([doubtful], [summary_of(doubtful)])
    assert any(warning in notice.text for notice in notices)


def test_notices_found_stand_on_the_page(page):
    assert "One seed" in page.text


def test_sound_figures_are_not_doubted(tmp_path):
    sound = run(predictions=predictions(0.9, subjects=20, clips=10, seeds=(0, 1)))
    assert 'class="notice' not in written(tmp_path, [sound])


def test_several_seeds_show_their_spread(tmp_path):
    rows = predictions(0.6, seeds=(0, 1, 2))
    text = Page(written(tmp_path, [run(predictions=rows)])).text
    spread = summarise(rows, CLASSES)["pooled"]["uf1"]["spread"]
    assert f"± {spread:.3f} over seeds" in text
    assert "3 seeds" in text
    assert "summed over 3 seeds" in text


def test_runs_of_one_name_are_told_apart(tmp_path):
    text = Page(written(tmp_path, [run("run", 0.7), run("run", 0.4)])).text
    assert "run (2) − run" in text


def test_runs_over_other_clips_are_not_compared_and_the_reason_is_given(tmp_path):
    fewer = run("fewer", predictions=predictions(0.7).iloc[:-1])
    text = Page(written(tmp_path, [run("all"), fewer])).text
    assert "Not compared: the runs do not predict the same clips: 1 only in the first run" in text


def test_a_pre_training_run_shows_its_curves_and_no_scores(tmp_path):
    curves = pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.0], "val_loss": [2.5, 1.5]})
    pretraining = ReportRun("pre", info(kind="pretrain"), None, curves, [])
    html = written(tmp_path, [pretraining])
    page = Page(html)
    assert "Pre-training: loss" in html
    assert "pre (validation)" in html
    assert "none of them with predictions" in page.text
    assert "Confusion" not in page.text


def test_a_run_with_nothing_but_predictions_is_enough(tmp_path):
    bare = ReportRun("theirs", {}, predictions(0.6), None, CLASSES)
    text = Page(written(tmp_path, [bare])).text
    assert "theirs" in text
    assert "held out from the training" not in text


def test_runs_under_a_protocol_are_said_to_hold_subjects_out(page):
    assert "Every subject was held out from the training" in page.text


def test_predictions_that_cannot_be_scored_name_the_run_and_write_nothing(tmp_path):
    broken = run("broken", predictions=predictions(0.6).drop(columns="subject"))
    with pytest.raises(PredictionsError, match=r"run broken: .*'subject'"):
        write_report(tmp_path / "report.html", "A report", [broken, run()])
    assert list(tmp_path.iterdir()) == []


def test_an_older_report_survives_a_failure_and_is_replaced_by_success(tmp_path):
    target = tmp_path / "report.html"
    target.write_text("old")
    with pytest.raises(PredictionsError):
        write_report(target, "t", [run(predictions=predictions(0.6).assign(prediction="fear"))])
    assert target.read_text() == "old"
    write_report(target, "t", [run()])
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_same_runs_give_the_same_bytes(tmp_path, html):
    again = written(
        tmp_path,
        [run("ma2mi", 0.75), run("scratch", 0.4)],
        notices=["These clips are rendered."],
        pictures=[("contact sheet of one clip", png(300, 80))],
        next_steps=["keras-ma2mi preprocess clips.csv my.store"],
    )
    assert again == html


def test_many_folds_and_subjects_keep_the_page_small(tmp_path):
    many = run(
        predictions=predictions(0.6, subjects=68, seeds=(0, 1, 2)),
        history=history(1.5, folds=68, epochs=74),
        heat_maps=[],
    )
    assert len(written(tmp_path, [many])) < 500_000


def test_more_than_three_runs_are_compared_with_the_first_only():
    pairs = compare_runs([run(name, 0.5) for name in "abcd"])
    assert [(pair.baseline, pair.candidate) for pair in pairs] == [
        ("a", "b"),
        ("a", "c"),
        ("a", "d"),
    ]
    assert json.dumps([pair.result.as_dict() for pair in pairs if pair.result])
