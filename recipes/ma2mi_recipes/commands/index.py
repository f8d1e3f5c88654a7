"""`keras-ma2mi index` and `keras-ma2mi datasets`: from files on disk to a manifest."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.progress import console


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
    adapter = ADAPTERS.get(name)
    if adapter is None:
        raise InputError(f"there is no dataset {name!r}; known: {', '.join(ADAPTERS)}")
    console.print(f"{adapter.name}: {adapter.description}\n\n{adapter.expected_tree}", markup=False)


@one_line_errors
def index_command(
    name: Annotated[str, typer.Argument(help="Dataset name; see `keras-ma2mi datasets`.")],
    root: Annotated[Path, typer.Argument(help="Folder, or CSV file, to read.")],
    manifest: Annotated[Path, typer.Argument(help="Manifest to write: .parquet or .csv.")],
) -> None:
    """Reads a dataset into a manifest, one row a clip, and lists what it could not use.

    Example: keras-ma2mi index videos recordings/ recordings.parquet
    """
    from ma2mi_preprocessing.datasets import ADAPTERS
    from ma2mi_preprocessing.datasets.manifest import write_manifest

    adapter = ADAPTERS.get(name)
    if adapter is None:
        raise InputError(f"there is no dataset {name!r}; known: {', '.join(ADAPTERS)}")
    result = adapter.read(root)
    for repair in result.repairs:
        console.print(f"repaired: {repair}", markup=False)
    for problem in result.problems:
        console.print(f"left out: {problem}", markup=False)
    if not result.clips:
        raise InputError(
            f"{root} gave no usable clip ({len(result.problems)} left out, listed above)"
        )
    write_manifest(result.clips, manifest)
    subjects = {clip.subject for clip in result.clips if clip.subject}
    console.print(
        f"{len(result.clips)} clips of {len(subjects)} subjects in, "
        f"{len(result.problems)} left out, {len(result.repairs)} values repaired: {manifest}"
    )
