"""What was run, as rows of a table."""

from collections import Counter
from collections.abc import Sized
from typing import Any

from ma2mi_recipes.report.baselines import MODEL_NAMES
from ma2mi_recipes.report.runs import ReportRun
from ma2mi_recipes.report.selection_gap import SELECTION_NAMES

_SELECTION = {**SELECTION_NAMES, "last": "last epoch, their number fixed beforehand"}
_PLAIN = {
    "protocol": "Held out",
    "folds": "Folds",
    "class_set": "Class set",
    "backend": "Backend",
    "store": "Store",
    "clips": "Clips",
    "clip_list_hash": "Clip list hash",
    "git_commit": "Commit",
    "started": "Started",
    "finished": "Finished",
}


def facts_of(run: ReportRun) -> list[tuple[str, str, bool]]:
    """Rows of a run's table: what, value, and whether the value is code."""
    info = run.info
    rows: list[tuple[str, str, bool]] = []
    for key, title in _PLAIN.items():
        if info.get(key) not in (None, ""):
            rows.append((title, str(info[key]), key in {"clip_list_hash", "git_commit", "store"}))
    if run.select:
        rows.insert(1, ("Epoch used", _SELECTION.get(run.select, run.select), False))
    if info.get("model"):
        rows.insert(0, ("Model", MODEL_NAMES.get(str(info["model"]), str(info["model"])), False))
    rows += [(title, text, False) for title, text in _described(run) if text]
    options = info.get("options") or {}
    if options:
        rows.append(("Options", _pairs(options), False))
    if info.get("versions"):
        rows.append(("Versions", ", ".join(f"{k} {v}" for k, v in info["versions"].items()), False))
    if info.get("command"):
        rows.append(("Command", str(info["command"]), True))
    return rows


def _described(run: ReportRun) -> list[tuple[str, str]]:
    info = run.info
    seeds = info.get("seeds", info.get("seed"))
    subjects = info.get("subjects")
    return [
        ("Published protocol", _published(info)),
        ("Subjects", str(len(subjects) if isinstance(subjects, list) else subjects or "")),
        ("Action units" if run.units else "Classes", _class_counts(run)),
        (
            "Clips left out",
            str(len(info["left_out"])) if isinstance(info.get("left_out"), Sized) else "",
        ),
        ("Clips not used", _count(info.get("not_used"))),
        ("Clips not predicted", _count(info.get("not_predicted"))),
        ("Seeds", ", ".join(map(str, seeds)) if isinstance(seeds, list) else _text(seeds)),
    ]


def _count(listed: Any) -> str:
    """How many there are, or nothing where there are none."""
    return str(len(listed)) if isinstance(listed, Sized) and len(listed) else ""


def _published(info: dict[str, Any]) -> str:
    published = info.get("published_protocol")
    if not isinstance(published, dict):
        return "none" if "published_protocol" in info else str(info.get("protocol_name") or "")
    name = str(published.get("name") or info.get("protocol_name") or "")
    if "complete" not in published:
        return name
    return f"{name}, {'complete' if published['complete'] else 'not complete'}"


def _class_counts(run: ReportRun) -> str:
    if run.predictions is None or not run.scored:
        return ", ".join(run.classes)
    one_each = run.predictions.drop_duplicates("clip_id")
    counts = Counter(one_each["label"].astype(str))
    return ", ".join(f"{name} ({counts.get(name, 0)})" for name in run.classes)


def _pairs(options: dict[str, Any]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {_text(value)}" for key, value in options.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
