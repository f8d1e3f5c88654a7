"""The folder that a training or pre-training run leaves behind."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.versions import ABSENT, recorded_versions

if TYPE_CHECKING:
    import pandas as pd

RUN_VERSION = 1
_TEXT_COLUMNS = ("clip_id", "dataset", "subject", "fold", "label", "prediction")
_DESCRIBES_THE_RUN = (
    "kind",
    "backend",
    "seeds",
    "classes",
    "clip_list_hash",
    "targets_hash",
    "folds_hash",
    "pretrained_weights",
    "options",
)


@dataclass(frozen=True)
class RunDirectory:
    """Reads and writes a run directory; every file in it appears whole or not at all.

    Attributes:
        path: The folder.
        title: What people call it, where that is not the folder: weights of the package.
    """

    path: Path
    title: str = ""

    @property
    def name(self) -> str:
        return self.title or self.path.resolve().name

    @property
    def label(self) -> str:
        """Where it is, for messages and results."""
        return self.title or str(self.path)

    @property
    def model_path(self) -> Path:
        return self.path / "model.keras"

    @classmethod
    def create(cls, path: Path, info: dict[str, Any]) -> "RunDirectory":
        """Starts a run, or goes on with the same one where it was cut off.

        Args:
            path: The folder.
            info: What the run is: `kind`, `backend`, `seeds`, `classes`, `options` and the hashes
                of clips, labels and folds decide whether a run found in the folder is the same.

        Raises:
            InputError: Where the folder holds another run, or something else.
        """
        run = cls(Path(path))
        if (run.path / "run.json").is_file():
            run._refuse_another(info)
            return run
        if run.path.is_dir() and any(run.path.iterdir()):
            raise InputError(f"{path} is not empty and holds no run; give a new folder")
        run.write_json("run.json", {**info, **provenance(), "name": run.name})
        return run

    @classmethod
    def open(cls, path: Path, kind: str | None = None) -> "RunDirectory":
        """Opens a run.

        Raises:
            InputError: Where there is no run, or one of another kind or version.
        """
        run = cls(Path(path))
        if not run.path.is_dir():
            raise InputError(f"{path} does not exist; give a folder made by `train` or `pretrain`")
        if not (run.path / "run.json").is_file():
            raise InputError(
                f"{path} holds no run.json; give a folder made by `train` or `pretrain`"
            )
        found = run.info
        if found.get("run_version") != RUN_VERSION:
            version = found.get("run_version")
            raise InputError(
                f"{path} has run version {version}, this release reads {RUN_VERSION}; "
                "repeat the run"
            )
        if kind is not None and found["kind"] != kind:
            raise InputError(f"{path} is a `{found['kind']}` run; this needs a `{kind}` run")
        return run

    @property
    def info(self) -> dict[str, Any]:
        return self.read_json("run.json")

    @property
    def finished(self) -> bool:
        return "finished" in self.info

    def finish(self, **facts: Any) -> None:
        """Marks the run as complete, with facts known only at its end."""
        self.write_json("run.json", {**self.info, **facts, "finished": _now()})

    def finish_trained(self, history: "pd.DataFrame", **facts: Any) -> dict[str, float]:
        """Writes the figures of the last epoch to `metrics.json`, and marks the run as complete.

        Args:
            history: One row an epoch, with a column `epoch`.
            **facts: As for `finish`.

        Returns:
            The figures by name.
        """
        row = history.iloc[-1].drop("epoch")
        last = {str(name): float(value) for name, value in row.items()}
        self.write_json("metrics.json", last)
        self.finish(**facts)
        return last

    def require_finished(self) -> None:
        """Raises InputError where the run was cut off."""
        if not self.finished:
            raise InputError(f"{self.path} is not finished; repeat its command to go on with it")

    def read_json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            raise InputError(f"{path} cannot be read ({error}); repeat the run") from error
        if not isinstance(content, dict):
            raise InputError(f"{path} holds no JSON object; repeat the run")
        return content

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        with atomic_path(self.path / name) as partial:
            partial.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")

    def write_table(self, name: str, table: "pd.DataFrame") -> None:
        with atomic_path(self.path / name) as partial:
            table.to_csv(partial, index=False)

    def read_table(self, name: str) -> "pd.DataFrame":
        import pandas as pd

        try:
            return read_run_table(self.path / name)
        except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(
                f"{self.path / name} cannot be read ({error}); repeat the run"
            ) from error

    def _refuse_another(self, info: dict[str, Any]) -> None:
        found = RunDirectory.open(self.path).info
        wanted = json.loads(json.dumps(info, default=str))
        differing = [key for key in _DESCRIBES_THE_RUN if found.get(key) != wanted.get(key)]
        if "options" in differing:
            old, new = found.get("options", {}), wanted.get("options", {})
            changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
            differing = [key for key in differing if key != "options"] + sorted(changed)
        if differing:
            raise InputError(
                f"{self.path} holds another run (differs in: {', '.join(differing)}); "
                "give a new folder, or repeat the command that made it"
            )


def read_run_table(path: Path) -> "pd.DataFrame":
    """Reads a CSV of a run. Names stay as they are: a subject 006, no dataset, a class "None"."""
    import pandas as pd

    types = dict.fromkeys(_TEXT_COLUMNS, str)
    table = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])
    return table.fillna({name: "" for name in _TEXT_COLUMNS if name in table})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def provenance() -> dict[str, Any]:
    """What every run.json says of where it comes from: version, time, command, commit, packages."""
    packages = ("keras-ma2mi", "keras", "tensorflow", "jax", "torch", "numpy", "numba")
    versions = recorded_versions(packages)
    return {
        "run_version": RUN_VERSION,
        "started": _now(),
        "command": " ".join(["keras-ma2mi", *sys.argv[1:]]),
        "git_commit": _git_commit(),
        "versions": {name: found for name, found in versions.items() if found != ABSENT},
    }


def _git_commit() -> str | None:
    checkout = Path(__file__).resolve().parents[2]
    # Installed from a wheel, the folder above may be a checkout of something else.
    if not (checkout / ".git").exists():
        return None
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=True,
            timeout=5,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None
