"""Every page of figures in docs is what the figures beside it give."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from keras_ma2mi.evaluation import score
from ma2mi_recipes import (
    acting_tables,
    faces_tables,
    loso_tables,
    magnification_tables,
    motion_prior_tables,
    preprocess_tables,
    recipe_tables,
    rendering_tables,
    service_tables,
    spotting_tables,
)
from ma2mi_recipes.benchmark_markdown import markdown_table
from ma2mi_recipes.ma2mi_benchmark import experiment_tables
from ma2mi_recipes.ma2mi_benchmark import tables as ma2mi_tables
from ma2mi_recipes.probes import tables as probe_tables
from ma2mi_recipes.shifts_benchmark import tables as shifts_tables

DOCS = Path(__file__).resolve().parents[3] / "docs"

PAGES: dict[str, Callable[[dict[str, Any]], str]] = {
    "acting_benchmark": acting_tables.acting_markdown,
    "experiments_benchmark": experiment_tables.experiments_markdown,
    "faces_benchmark": faces_tables.faces_markdown,
    "loso_benchmark_jax": loso_tables.loso_markdown,
    "loso_benchmark_tensorflow": loso_tables.loso_markdown,
    "ma2mi_benchmark": ma2mi_tables.ma2mi_markdown,
    "magnification_benchmark": magnification_tables.magnification_markdown,
    "motion_prior_benchmark": motion_prior_tables.motion_prior_markdown,
    "motion_prior_natural_benchmark": motion_prior_tables.motion_prior_markdown,
    "preprocess_benchmark": preprocess_tables.preprocess_markdown,
    "probes_benchmark": probe_tables.probe_markdown,
    "recipe_benchmark": recipe_tables.recipe_markdown,
    "recipe_benchmark_lengths": recipe_tables.recipe_markdown,
    "recipe_benchmark_motion28": recipe_tables.recipe_markdown,
    "recipe_benchmark_pretrained": recipe_tables.recipe_markdown,
    "rendering_benchmark": rendering_tables.rendering_markdown,
    "service_benchmark": service_tables.service_markdown,
    "service_benchmark_soak": service_tables.service_markdown,
    "shifts_benchmark": shifts_tables.shifts_markdown,
    "spotting_benchmark": spotting_tables.spotting_markdown,
}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_made_from_the_committed_figures(name: str) -> None:
    document = json.loads((DOCS / f"{name}.json").read_text(encoding="utf-8"))
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == PAGES[name](document)


def test_no_page_of_figures_is_left_out() -> None:
    # The flow's page and README's tables of networks are compared by tests of README.
    pages = {path.stem for path in DOCS.glob("*_benchmark*.md")}
    assert pages - {"flow_benchmark"} == set(PAGES)


def test_page_of_rendered_faces_shows_the_committed_figures_of_acting() -> None:
    document = json.loads((DOCS / "acting_benchmark.json").read_text(encoding="utf-8"))
    page = (DOCS / "rendered_faces.md").read_text(encoding="utf-8")
    for table in acting_tables.acting_tables(document):
        assert markdown_table(table) in page


def test_the_page_of_results_says_what_came_of_every_goal() -> None:
    document = json.loads((DOCS / "ma2mi_benchmark.json").read_text(encoding="utf-8"))
    page = " ".join((DOCS / "results.md").read_text(encoding="utf-8").split())
    for goal in document["goals"]:
        assert goal["sentence"] in page
    for method in document["plan"]["methods"]:
        rows = [row for row in document["rows"] if row["condition"] == f"{method}, both"]
        figures = " | ".join(f"{row['uf1']['value']:.3f}" for row in rows)
        assert f"| {ma2mi_tables.method_words(method)} | {figures} |" in page


def test_published_figures_follow_from_published_predictions() -> None:
    document = json.loads((DOCS / "ma2mi_benchmark.json").read_text(encoding="utf-8"))
    fitted = {}
    if not (DOCS.parent / ".git").exists():
        pytest.skip("an unpacked sdist has no archives of predictions")
    with zipfile.ZipFile(DOCS / "ma2mi_predictions.zip") as archive:
        for name in archive.namelist():
            found = re.fullmatch(r"cells/(.+)-[0-9a-f]{10}/(.+)-percent-seed-(\d+)\.csv", name)
            if found is not None:
                table = pd.read_csv(archive.open(name), dtype={"subject": str, "fold": str})
                fitted[found[1], float(found[2]) / 100, found[3]] = table
    assert document["rows"]
    for row in document["rows"]:
        method = row["condition"].replace(", ", "-")
        assert set(row["uf1_of_seeds"]) == {str(seed) for seed in document["plan"]["seeds"]}
        for seed, uf1 in row["uf1_of_seeds"].items():
            table = fitted[method, row["fraction"], seed]
            assert score(table, document["classes"]).uf1 == pytest.approx(uf1, abs=1e-9)


def test_the_page_of_results_shows_the_committed_figures_of_shifted_worlds() -> None:
    document = json.loads((DOCS / "shifts_benchmark.json").read_text(encoding="utf-8"))
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    ways: dict[tuple[str, str], list[str]] = {}
    for row in document["rows"]:
        if (row["style"], row["fraction"]) == ("natural", 0.25):
            way = (row["method"], row["pretraining_style"] or "")
            ways.setdefault(way, []).append(f"{row['uf1']['value']:.3f}")
    networks = [way for way in ways if way[0] in document["plan"]["plan"]["methods"]]
    assert len(networks) == 7
    for method, style in networks:
        words, figures = ma2mi_tables.method_words(method), " | ".join(ways[method, style])
        assert f"| {words} | {style} | {figures} |" in page


def test_the_page_of_results_shows_the_committed_readings_of_codes() -> None:
    document = json.loads((DOCS / "probes_benchmark.json").read_text(encoding="utf-8"))
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    readings = [row for row in document["rows"] if row["features"] != "action map"]
    assert len(readings) == 5
    for row in readings:
        flow, units = (
            f"{row[name]['value']:.3f} ({row[name]['low']:.3f} to {row[name]['high']:.3f})"
            for name in ("flow", "units")
        )
        assert f"{row['features']} | {row['width']} | {flow} | {units} |" in page


def test_the_page_of_results_shows_the_committed_experiments() -> None:
    document = json.loads((DOCS / "experiments_benchmark.json").read_text(encoding="utf-8"))
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for row in document["rows"]:
        found.setdefault(row["experiment"], []).append(f"{row['uf1']['value']:.3f}")
    assert len(found) == 30
    for name, figures in found.items():
        assert f"| {name} | {' | '.join(figures)} |" in page


def test_the_headline_of_readme_is_that_of_the_committed_figures() -> None:
    document = json.loads((DOCS / "ma2mi_benchmark.json").read_text(encoding="utf-8"))
    found = {
        (row["method"], row["branches"], row["fraction"]): f"{row['uf1']['value']:.2f}"
        for row in document["rows"]
    }
    readme = " ".join((DOCS.parent / "README.md").read_text(encoding="utf-8").split())
    methods = ("ma2mi", "naive_transfer", "scratch")
    for share, words in ((0.25, "a quarter of the labels"), (1.0, "all labels")):
        ours, naive, scratch = (found[method, "both", share] for method in methods)
        assert f"{ours} with MA2MI, {naive} after naive transfer, {scratch} from scratch" in readme
        assert words in readme
    few, all_labels = (found["ma2mi_then_labels", "both", share] for share in (0.25, 1.0))
    assert f"{few} and {all_labels} with MA2MI, then macro labels" in readme
