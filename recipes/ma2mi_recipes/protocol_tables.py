"""Protocols, splits and class sets on the terminal."""

from collections.abc import Iterator

from rich.table import Table

from keras_ma2mi.evaluation import (
    SPLIT_FORMS,
    Protocol,
    ProtocolError,
    all_class_sets,
    all_protocols,
    protocol,
)
from ma2mi_preprocessing.errors import InputError


def protocols_table() -> Table:
    """All published protocols, one a row."""
    table = Table("protocol", "what it is", "clips", "subjects", "split", "list")
    for one in all_protocols():
        subjects = "" if one.subjects is None else str(one.subjects)
        table.add_row(
            one.name, one.description, str(one.clips), subjects, one.split.spec, _list_state(one)
        )
    return table


def further_lines() -> Iterator[str]:
    """What else a run can be told: splits, and class sets that are no protocol's."""
    yield f"other splits of the same clips: {', '.join(SPLIT_FORMS)}"
    names = {one.name for one in all_protocols()}
    for one in all_class_sets():
        if one.name not in names:
            yield f"class set {one.name}: {one.description}"


def protocol_lines(name: str) -> Iterator[str]:
    """One protocol in full.

    Raises:
        InputError: there is none of that name.
    """
    try:
        one = protocol(name)
    except ProtocolError as error:
        raise InputError(str(error)) from None
    yield f"{one.name}: {one.description}"
    subjects = "" if one.subjects is None else f", subjects {one.subjects}"
    yield f"clips {one.clips}{subjects}, datasets {', '.join(one.datasets)}"
    yield f"split: {one.split.description}"
    for category, labels in one.classes.items():
        count = one.per_class.get(category)
        number = "" if count is None else f", {count} clips"
        yield f"class {category}: labels {', '.join(labels)}{number}"
    if one.action_units:
        yield f"action units: {', '.join(map(str, one.action_units))}"
    for dataset, count in one.per_dataset.items():
        yield f"dataset {dataset}: {count} clips"
    yield f"source: {one.source}"
    yield _list_state(one)
    if one.sha256 is not None:
        yield f"a run over all of it records the clip list {one.clip_list_hash()}"
    for clip_id, category in sorted(one.members().items()):
        yield f"{clip_id}\t{category}"


def _list_state(one: Protocol) -> str:
    if one.sha256 is None:
        return f"by rule only: {one.why_no_list}"
    return f"exact, sha256 {one.sha256[:12]}"
