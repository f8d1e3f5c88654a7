"""Weights and what is known of them, written into one folder that the package can carry."""

import hashlib
import json
import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_ma2mi.models.packaged_weights import (
    CARD_FILE,
    CHECK_FILE,
    RUN_FILE,
    START_FOLDER,
    WEIGHTS,
)
from keras_ma2mi.models.preset_files import WEIGHTS_FILE
from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.benchmarks.machine import machine_facts
from ma2mi_recipes.run_directory import RUN_VERSION, provenance
from ma2mi_recipes.weights_making.card import card_text
from ma2mi_recipes.weights_making.made import Checked, Made
from ma2mi_recipes.weights_making.plans import WeightsPlan

LARGEST_BYTES = 5_000_000
"""What one set of weights may add to the package."""


def pack(plan: WeightsPlan, made: Made, out: Path, command: str) -> Path:
    """Writes the folder `out / plan.name` anew.

    Raises:
        RuntimeError: If it is larger than `LARGEST_BYTES`.
    """
    folder, partial = out / plan.name, out / f"partial.{plan.name}"
    shutil.rmtree(partial, ignore_errors=True)
    common = _common(plan, command)
    _write_network(partial, made.network, {**common, **made.info})
    if made.start is not None:
        _write_network(partial / START_FOLDER, made.start.network, {**common, **made.start.info})
    _write_checked(partial / CHECK_FILE, made.checked)
    info = json.loads((partial / RUN_FILE).read_text(encoding="utf-8"))
    (partial / CARD_FILE).write_text(card_text(info), encoding="utf-8")
    size = sum(path.stat().st_size for path in partial.rglob("*") if path.is_file())
    if size > LARGEST_BYTES:
        raise RuntimeError(f"{partial} has {size} bytes, more than the {LARGEST_BYTES} allowed")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return folder


def _common(plan: WeightsPlan, command: str) -> dict[str, Any]:
    return {
        **provenance(),
        "run_version": RUN_VERSION,
        "name": plan.name,
        "weights": plan.name,
        "description": WEIGHTS[plan.name],
        "command": command,
        "backend": keras.config.backend(),
        "seeds": [plan.seed],
        "rendered": True,
        "plan": asdict(plan),
        "machine": machine_facts(),
        "licence": "Apache-2.0, as the package",
    }


def _write_network(folder: Path, network: Any, info: dict[str, Any]) -> None:
    network.save_to_preset(folder)
    weights = (folder / WEIGHTS_FILE).read_bytes()
    described = {
        **info,
        "parameters": network.count_params(),
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    text = json.dumps(described, indent=1, default=_plain)
    (folder / RUN_FILE).write_text(text + "\n", encoding="utf-8")


def _write_checked(path: Path, checked: Checked) -> None:
    with atomic_path(path) as partial, partial.open("wb") as file:
        np.savez_compressed(
            file,
            onset=checked.onset,
            motion=checked.motion,
            probabilities=checked.probabilities,
            clip_ids=np.array(checked.clip_ids),
            labels=np.array(checked.labels),
        )


def _plain(value: Any) -> Any:
    return dict(value) if hasattr(value, "keys") else str(value)
