"""The tables for the terminal, and what importing the report costs."""

import io
import os
import subprocess
import sys

from rich.console import Console

from keras_ma2mi.evaluation import summarise
from ma2mi_recipes.report import compare_runs, comparison_table, metrics_table
from tests.recipes.report.made_up import CLASSES, info, predictions, run


def shown(table, width: int = 120) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_the_table_shows_figures_intervals_datasets_and_the_majority_class():
    text = shown(metrics_table([run("ma2mi", 0.75)]))
    summary = summarise(predictions(0.75), CLASSES)
    uf1 = summary["pooled"]["uf1"]
    assert f"{uf1['value']:.3f}" in text
    assert f"[{uf1['low']:.2f}, {uf1['high']:.2f}]" in text
    assert f"{summary['per_dataset']['samm']['uar']['value']:.3f}" in text
    assert f"{summary['majority_baseline']['accuracy']:.3f}" in text


def test_a_name_that_looks_like_markup_is_shown_as_it_is():
    assert "[red]run[/]" in shown(metrics_table([run("[red]run[/]")]))
    assert "[/b]" in shown(comparison_table(compare_runs([run("[/b]", 0.7), run("b", 0.5)])))


def test_figures_and_peeking_stay_whole_in_a_narrow_terminal():
    text = shown(metrics_table([run("literature", info=info(select="peek"))]), width=80)
    assert "(peeked)" in text
    assert "…" not in text


def test_differences_are_shown_with_p_values_or_the_reason_for_none():
    runs = [run("a", 0.8), run("b", 0.3), run("c", predictions=predictions(0.5).iloc[1:])]
    text = shown(comparison_table(compare_runs(runs)), width=200)
    assert "b − a" in text
    assert "p\u00a0" in text
    assert "not compared: the runs do not predict the same clips" in text


def test_importing_the_report_loads_nothing_slow():
    code = (
        "import sys, ma2mi_recipes.report;"
        "print({'keras', 'pandas', 'matplotlib', 'numpy', 'jinja2'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert result.stdout.strip() == "set()"
