"""The tables of `benchmark flow` say what the JSON document says, and fit a terminal."""

import copy
import json
import re

import pytest
from typer.testing import CliRunner

from ma2mi_preprocessing.benchmarks import flow_document as flow_document_module
from ma2mi_preprocessing.benchmarks.flow import FlowCell
from ma2mi_preprocessing.benchmarks.flow_document import FlowPlan, flow_document
from ma2mi_preprocessing.benchmarks.flow_methods import BASELINE, DIS, FOR_SPEED, OURS
from ma2mi_recipes.cli import app
from ma2mi_recipes.flow_markdown import markdown_summary, markdown_tables, remarks
from ma2mi_recipes.flow_table import _FASTER_THAN, _OURS, report_tables
from ma2mi_recipes.progress import console

TINY = FlowPlan(
    cells=(FlowCell("smooth", 48, 1, (0.0, 1.0)), FlowCell("discontinuity", 48, 1, (1.0,))),
    reductions=(16,),
    weight_pairs=1,
    edge_textures=("camera",),
    batch=2,
    rounds=1,
    processor_pairs=0,
    fresh=0,
)


@pytest.fixture(scope="module")
def document():
    measured = flow_document(TINY)
    # As on a machine with several CPUs, whatever this one has.
    measured["threads"] = [
        {
            "size": 224, "pairs": 64, "rounds": 7, "pairs_per_second": 300.0,
            "pairs_per_second_two": 570.0, "cpu_milliseconds": 3.3, "cpu_milliseconds_two": 3.4,
            "throughput_ratio": {"mean": 1.9, "low": 1.7, "high": 1.95},
        }
    ]  # fmt: skip
    measured["processors"] = [
        {
            "processor": "AVX2", "pairs": 6, "milliseconds": 5.2, "times_faster": 110.4,
            "largest_difference": 2.1e-5,
        }
    ]  # fmt: skip
    measured["startup"] = [
        {"step": "import", "seconds": 0.4, "low": 0.3, "high": 0.61, "processes": 7}
    ]
    measured["not_measured"] = {}
    return {"command": "keras-ma2mi benchmark flow", **json.loads(json.dumps(measured))}


def table(document, beginning):
    return next(t for t in report_tables(document) if t.title.startswith(beginning))


def test_names_are_those_of_the_benchmark():
    assert _OURS == OURS
    assert _FASTER_THAN == (BASELINE, FOR_SPEED, DIS)


def test_every_measured_list_has_its_table(document):
    titles = [t.title for t in report_tables(document)]
    assert len(titles) == len(set(titles)) == 13
    for report in report_tables(document):
        assert report.rows
        assert {len(row) for row in report.rows} == {len(report.columns)}


def test_errors_stand_under_their_method(document):
    errors = table(document, "End-point error, smooth")
    assert [row[:2] for row in errors.rows] == [("48", "0"), ("48", "1"), ("48", "all")]
    for row in document["flow"]:
        if row["kind"] == "smooth" and row["noise"] == 1:
            cell = errors.rows[1][errors.columns.index(row["method"])]
            assert cell == f"{row['epe']:.3f}/{row['epe_moving']:.3f}"


def test_ratios_are_ours_with_their_spread(document):
    (row,) = [
        row for row in document["flow"] if row["method"] == OURS and row["kind"] == "discontinuity"
    ]
    ratios = table(document, "Our end-point error divided").rows
    assert [line[0] for line in ratios] == ["smooth"] * 3 + ["discontinuity"]
    assert ratios[0][-1] == ""
    edge = row["epe_edge_ratio"]
    assert ratios[-1][-1] == f"{edge['mean']:.2f} ({edge['low']:.2f}–{edge['high']:.2f})"
    speed = table(document, "How many times faster").rows[-1]
    expected = row["times_faster"][DIS]["mean"]
    assert float(speed[-1].split()[0]) == pytest.approx(expected, rel=0.1, abs=0.06)


def test_markdown_is_made_of_the_document_alone_and_changes_with_it(document):
    before = copy.deepcopy(document)
    text = markdown_tables(document)
    assert document == before
    assert text == markdown_tables(json.loads(json.dumps(document)))
    changed = copy.deepcopy(document)
    changed["edge_sharpness"][0]["width"] = 77.7
    lines = set(markdown_tables(changed).splitlines()) - set(text.splitlines())
    assert len(lines) == 1
    assert "77.7" in lines.pop()


def test_markdown_tables_are_well_formed(document):
    blocks = [block for block in markdown_tables(document).split("\n\n") if block[0] == "|"]
    assert len(blocks) == 13
    for block in blocks:
        widths = {len(re.findall(r"\|", line)) for line in block.splitlines()}
        assert len(widths) == 1
        assert set(block.splitlines()[1]) == set("| -:") or set(block.splitlines()[1]) == set("| -")


def test_what_was_not_measured_is_said_instead_of_shown(document):
    without = {**document, "threads": [], "stereo": [], "not_measured": {"threads": "one CPU"}}
    assert len(report_tables(without)) == 11
    assert "Not measured: threads: one CPU." in markdown_tables(without)
    assert not [line for line in remarks(document) if "Not measured" in line]


def test_remarks_name_machine_versions_command_and_seed(document):
    said = " ".join(remarks(document))
    for fact in (document["machine"]["cpu"], "numba", "keras-ma2mi benchmark flow", "seed 0"):
        assert fact in said


def largest(value):
    """The same document with figures as wide as a slow machine may give."""
    if isinstance(value, dict):
        return {
            key: largest(part) if key not in ("size", "noise", "factor") else part
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [largest(part) for part in value]
    return value + 10.123 if isinstance(value, float) else value


@pytest.mark.parametrize("wide", [False, True])
def test_command_prints_tables_that_fit_and_writes_both_files(
    monkeypatch, tmp_path, document, wide
):
    monkeypatch.setattr(console, "width", 100)
    shown = largest(document) if wide else document
    monkeypatch.setattr(flow_document_module, "flow_document", lambda *args, **kwargs: shown)
    monkeypatch.setattr("sys.argv", ["/somewhere/keras-ma2mi", "benchmark", "flow", "--quick"])
    files = {name: tmp_path / name for name in ("figures.json", "tables.md")}
    result = CliRunner().invoke(
        app,
        ["benchmark", "flow", "--quick", "--json", str(files["figures.json"]), "--markdown",
         str(files["tables.md"])],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    lines = [
        line
        for line in result.output.splitlines()
        if str(tmp_path) not in line and not line.startswith("measuring")
    ]
    assert max(map(len, lines)) <= 100
    assert "…" not in "".join(lines)
    written = json.loads(files["figures.json"].read_text())
    assert written["flow"] == shown["flow"]
    assert written["command"] == shown["command"]
    assert files["tables.md"].read_text() == markdown_tables(written)
    for report in report_tables(shown):
        assert report.title in result.output


def test_summary_has_one_line_for_each_kind_and_size(document):
    header, marks, *lines = markdown_summary(document).splitlines()
    assert header.startswith("| pairs | px | ms |")
    assert marks.count("--:") == 7
    assert [line.split("|")[1].strip() for line in lines] == ["2 smooth", "1 discontinuity"]
    ours = next(row for row in document["flow"] if row["method"] == OURS and row["noise"] is None)
    assert f"{ours['epe_ratio']['mean']:.2f} (" in lines[0]
