"""A model kept in a folder: its configuration, its weights, and what wrote them."""

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import keras

from keras_ma2mi.models.packaged_weights import WEIGHTS
from keras_ma2mi.models.presets import PRESETS
from keras_ma2mi.types import Config

T = TypeVar("T")

FORMAT = "keras_ma2mi preset"
FORMAT_VERSION = 1
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.weights.h5"
METADATA_FILE = "metadata.json"

# Arguments that may differ from the saved ones while all weights, or all but the head's, still fit.
_WITHOUT_WEIGHTS = frozenset(
    {"name", "dtype", "trainable", "dropout", "position_drop_path", "motion_scale"}
)
_OF_THE_HEAD = frozenset({"num_classes", "head", "code_units"})


def write_preset(model: Any, directory: str | os.PathLike[str]) -> None:
    """Writes `config.json`, `model.weights.h5` and `metadata.json` into `directory`."""
    from keras_ma2mi import __version__

    folder = Path(directory)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"`directory` must be a folder. Received: directory={str(folder)!r}")
    folder.mkdir(parents=True, exist_ok=True)
    # Laid out as Keras serialises objects, without how the model was compiled: that is no part of
    # what the weights mean, and may name the user's own losses.
    config = {
        "class_name": type(model).__name__,
        "registered_name": keras.saving.get_registered_name(type(model)),
        "config": model.get_config(),
    }
    # Without its metadata a folder does not load: written last, it vouches for the other files.
    (folder / METADATA_FILE).unlink(missing_ok=True)
    _write_json(folder / CONFIG_FILE, config)
    partial = folder / "partial.weights.h5"
    model.save_weights(partial)
    os.replace(partial, folder / WEIGHTS_FILE)
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "keras_ma2mi_version": __version__,
        "keras_version": keras.__version__,
        "parameter_count": model.count_params(),
        "weights_sha256": _sha256(folder / WEIGHTS_FILE),
        "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _write_json(folder / METADATA_FILE, metadata)


def load_preset(
    cls: type[T],
    directory: str | os.PathLike[str],
    load_weights: bool,
    overrides: Config,
    new_head: bool = False,
) -> T:
    """Returns the model of a folder, with `overrides` in the place of its saved arguments.

    With `new_head` the last linear step is untrained, also where its shape is the saved one's.

    Raises:
        ValueError: If the folder is none, is incomplete, damaged, of another format version or
            another class, or if `overrides` ask for other weights than the saved ones.
    """
    folder = Path(directory)
    saved_config = _read_config(folder, cls)
    wanted = {**saved_config, **{key: _as_json(value) for key, value in overrides.items()}}
    changed = {key for key in wanted if wanted[key] != saved_config.get(key)}
    if not load_weights:
        return cls(**wanted)
    for key in sorted(changed - _WITHOUT_WEIGHTS - _OF_THE_HEAD):
        raise ValueError(
            f"`{key}` must be {saved_config.get(key)!r}, for which the weights in {folder} were "
            "made; leave it out, or pass `load_weights=False` for an untrained model. "
            f"Received: {key}={wanted[key]!r}"
        )
    saved = _with_weights(cls, saved_config, folder)
    if not changed and not new_head:
        return saved
    target: Any = cls(**wanted)
    # A code stays what it is for other classes.
    new = {"logits"} if new_head or changed & _OF_THE_HEAD else set()
    if changed & {"head", "code_units"}:
        new.add("code")
    _copy_weights(saved, target, new)
    return target


def _with_weights(cls: type[T], config: Config, folder: Path) -> T:
    try:
        model: Any = cls(**config)
        model.load_weights(folder / WEIGHTS_FILE)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{folder / WEIGHTS_FILE} does not hold the weights of {CONFIG_FILE} beside it: one of "
            "them is damaged or of another model. Copy the folder again, or save it anew with "
            f"`model.save_to_preset`. ({error})"
        ) from error
    return model


def _copy_weights(source: Any, target: Any, new: set[str]) -> None:
    for layer in source.layers:
        if layer.weights and layer.name not in new:
            target.get_layer(layer.name).set_weights(layer.get_weights())


def _read_config(folder: Path, cls: type[Any]) -> Config:
    files = (METADATA_FILE, CONFIG_FILE, WEIGHTS_FILE)
    missing = [name for name in files if not (folder / name).is_file()]
    if len(missing) == len(files):
        known = ", ".join(repr(name) for name in (*PRESETS, *WEIGHTS))
        raise ValueError(
            f"`preset` must be one of {known}, or a folder written by `model.save_to_preset`. "
            f"Received: preset={str(folder)!r}"
        )
    if missing:
        raise ValueError(
            f"{folder} lacks {' and '.join(missing)}: copy the whole folder again, or save it "
            "anew with `model.save_to_preset`"
        )
    metadata = _read_json(folder / METADATA_FILE)
    if metadata.get("format") != FORMAT or metadata.get("format_version") != FORMAT_VERSION:
        raise ValueError(
            f"{folder} is of format {metadata.get('format')!r}, version "
            f"{metadata.get('format_version')!r}, and this keras-ma2mi reads {FORMAT!r}, version "
            f"{FORMAT_VERSION}: use the keras-ma2mi that wrote it "
            f"({metadata.get('keras_ma2mi_version', 'unknown')}), or save it anew"
        )
    # Folders of earlier releases have no checksum.
    expected = metadata.get("weights_sha256")
    if expected is not None and _sha256(folder / WEIGHTS_FILE) != expected:
        raise ValueError(
            f"{folder / WEIGHTS_FILE} does not hold the weights of {CONFIG_FILE} beside it: its "
            f"checksum is not that of {METADATA_FILE}. Copy the folder again, or save it anew with "
            "`model.save_to_preset`"
        )
    saved = _read_json(folder / CONFIG_FILE)
    if saved.get("class_name") != cls.__name__ or not isinstance(saved.get("config"), dict):
        raise ValueError(
            f"{folder / CONFIG_FILE} must describe a {cls.__name__}: load the folder with the "
            f"class that wrote it. Received: class_name={saved.get('class_name')!r}"
        )
    return dict(saved["config"])


def _read_json(path: Path) -> Config:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} cannot be read ({error}): copy the folder again, or save it anew with "
            "`model.save_to_preset`"
        ) from error
    return content if isinstance(content, dict) else {}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, content: Config) -> None:
    partial = path.with_name(f"partial.{path.name}")
    partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, path)


def _as_json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
