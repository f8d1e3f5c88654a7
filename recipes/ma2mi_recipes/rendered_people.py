"""Who is shown in rendered clips: names of subjects repeat from one rendering seed to the next."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ma2mi_preprocessing.store import open_store
from ma2mi_preprocessing.synthesis.clip_folder import rendering_seed

Person = tuple[str, int, int]
"""Kind, rendering seed and number: what fixes a person's looks."""

_NAME = re.compile(r"rendered_(macro|micro)/s(\d+)")


def people_named(sets: Iterable[Mapping[str, Any]]) -> set[Person]:
    """The people of rendered sets.

    Args:
        sets: `kind`, `seed` and `subjects`, their number, of each.
    """
    return {
        (str(one["kind"]), int(one["seed"]), number)
        for one in sets
        for number in range(int(one["subjects"]))
    }


def unmistakable(person: Person) -> str:
    """A subject's name that no other rendered person has."""
    kind, seed, number = person
    return f"rendered_{kind}/seed-{seed}/s{number + 1:02d}"


def people_of_store(store: Path, subjects: Sequence[str]) -> dict[str, Person | None]:
    """The rendered people among the subjects of a store.

    Args:
        store: The clip store.
        subjects: Names of subjects in it; those of people who were filmed are passed over.

    Returns:
        Subject to person; None where the folder of the rendered frames is gone, and with it the
        seed.
    """
    wanted = {name: found for name in subjects if (found := _NAME.fullmatch(name))}
    if not wanted:
        return {}
    table = open_store(store).manifest.drop_duplicates("subject").set_index("subject")
    people: dict[str, Person | None] = {}
    for name, found in wanted.items():
        seed = _seed(store, Path(str(table.loc[name, "source"])))
        people[name] = None if seed is None else (found[1], seed, int(found[2]) - 1)
    return people


def _seed(store: Path, source: Path) -> int | None:
    # Written as `preprocess` was given it: often relative to where the command was called.
    places = (source, store.absolute().parent / source)
    return next((seed for path in places if (seed := rendering_seed(path)) is not None), None)
