"""`keras-ma2mi index`, `datasets` and `protocols`: from files on disk to a manifest."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.progress import console

if TYPE_CHECKING:
    from ma2mi_preprocessing.datasets import Adapter


@one_line_errors
def datasets_command(
    name: Annotated[str | None, typer.Argument(help="One dataset, to see its folder tree.")] = None,
) -> None:
    """Lists what `index` can read, or shows the folder tree that one of them expects.

    Example: keras-ma2mi datasets csv
    """
    from ma2mi_preprocessing.datasets import ADAPTERS

    if name is None:
        table = Table("name", "what it reads")
        for known in ADAPTERS.values():
            table.add_row(known.name, known.description)
        console.print(table)
        return
    adapter = _adapter(name)
    console.print(f"{adapter.name}: {adapter.description}\n\n{adapter.expected_tree}", markup=False)


@one_line_errors
def protocols_command(
    name: Annotated[str | None, typer.Argument(help="One protocol, to see its clips.")] = None,
) -> None:
    """Lists the published protocols: how many clips, of which classes, and the hash of the list.

    Example: keras-ma2mi protocols megc2019
    """
    # Importing keras_ma2mi imports Keras, and nothing is computed here: NumPy loads quickest.
    os.environ.setdefault("KERAS_BACKEND", "numpy")
    from ma2mi_recipes.protocol_tables import further_lines, protocol_lines, protocols_table

    if name is None:
        console.print(protocols_table())
        for line in further_lines():
            console.print(line, markup=False, highlight=False)
        return
    for line in protocol_lines(name):
        # Not by rich, which turns tabs into blanks: these lines are for other programs too.
        typer.echo(line)


@one_line_errors
def index_command(
    name: Annotated[str, typer.Argument(help="Dataset name; see `keras-ma2mi datasets`.")],
    root: Annotated[Path, typer.Argument(help="Folder, or CSV file, to read.")],
    manifest: Annotated[Path, typer.Argument(help="Manifest to write: .parquet or .csv.")],
    repairs: Annotated[
        bool, typer.Option(help="Mend the known errors of published annotations.")
    ] = True,
) -> None:
    """Reads a dataset into a manifest, one row a clip, and accounts for every value.

    Beside MANIFEST lie an audit to read (.audit.md) and a table of every value that was dropped or
    repaired, with its reason (.audit.csv).

    Example: keras-ma2mi index casme2 CASME2/ casme2.parquet
    """
    from ma2mi_preprocessing.datasets.audit import audit
    from ma2mi_preprocessing.datasets.audit_files import write_audit
    from ma2mi_preprocessing.datasets.manifest import check_manifest_path, write_manifest
    from ma2mi_recipes.audit_tables import print_audit

    adapter = _adapter(name)
    check_manifest_path(manifest)
    with console.status(f"reading {root}"):
        result = adapter.read(root, repairs=repairs)
    found = audit(adapter.name, result)
    # Before the manifest: where nothing is usable, the reasons are what the user needs.
    text, table = write_audit(found, manifest)
    print_audit(found, table)
    if not result.clips:
        raise InputError(f"{root} gave no usable clip; the reasons are in {text}")
    write_manifest(result.clips, manifest)
    console.print(f"written: {manifest}, {text}, {table}", highlight=False)


def _adapter(name: str) -> "Adapter":
    from ma2mi_preprocessing.datasets import ADAPTERS

    adapter = ADAPTERS.get(name)
    if adapter is None:
        raise InputError(f"there is no dataset {name!r}; known: {', '.join(ADAPTERS)}")
    return adapter
