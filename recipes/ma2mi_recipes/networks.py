"""Choice and construction of networks for a store."""

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.labelled_clips import MOTION_CHANNELS
from ma2mi_recipes.network_arguments import network_arguments
from ma2mi_recipes.run_directory import RunDirectory

if TYPE_CHECKING:
    from keras_ma2mi.models import FutureFrameReconstructor, MIACNet, ThreeStreamCNN

T = TypeVar("T")

# Preset for frames of at least this many pixels a side.
_PRESET_FROM_SIZE = (
    (168, "miacnet_base"),
    (88, "miacnet_small"),
    (32, "miacnet_tiny"),
    (0, "miacnet_motion28"),
)
# Constant gains that bring the motion of a micro-expression to about one. The same for every clip:
# scaling each image on its own would hide how large a movement was.
_MOTION_SCALE = {"flow": 1.0, "difference": 10.0, "both": 1.0}


def preset_for_size(size: int) -> str:
    """Name of the preset made for frames nearest to `size`."""
    return next(name for smallest, name in _PRESET_FROM_SIZE if size >= smallest)


def build_network(
    preset: str | None,
    size: int,
    motion: str,
    class_count: int,
    branches: str = "auto",
    scaling: str = "pixels",
    network: Sequence[str] = (),
) -> "MIACNet":
    """A fresh MIACNet for frames of `size` pixels and the given motion channels.

    Branches are those of the preset where they are `"auto"`; `network` has arguments that replace
    those of the preset, see `network_arguments`.

    Raises:
        InputError: Where the preset is unknown or does not fit the size.
    """
    from keras_ma2mi.models import MIACNet

    name = preset or preset_for_size(size)
    arguments: dict[str, Any] = {
        "num_classes": class_count,
        "input_size": size,
        "motion_channels": MOTION_CHANNELS[motion],
        "motion_scale": _motion_scale(motion, scaling),
        **({} if branches == "auto" else {"branches": branches}),
        **network_arguments(network, _arguments_of(MIACNet)),
    }
    return _fitting(size, lambda: MIACNet.from_preset(name, **arguments))


def build_three_stream_cnn(
    size: int, motion: str, class_count: int, scaling: str = "pixels"
) -> "ThreeStreamCNN":
    """A fresh three-stream network for motion of `size` pixels."""
    from keras_ma2mi.models import ThreeStreamCNN

    return ThreeStreamCNN(
        class_count,
        input_size=size,
        motion_channels=MOTION_CHANNELS[motion],
        motion_scale=_motion_scale(motion, scaling),
    )


def build_reconstructor(
    preset: str | None,
    size: int,
    motion: str,
    scaling: str = "pixels",
    network: Sequence[str] = (),
    **options: Any,
) -> "FutureFrameReconstructor":
    """A fresh reconstructor around the encoders of the MIACNet that will be fine-tuned later.

    Raises:
        InputError: Where the preset is unknown or does not fit the size.
    """
    from keras_ma2mi.models import FutureFrameReconstructor
    from keras_ma2mi.models.encoder_options import EncoderOptions

    name = preset or preset_for_size(size)
    arguments = {
        "motion_channels": MOTION_CHANNELS[motion],
        "input_size": size,
        "motion_scale": _motion_scale(motion, scaling),
        **options,
        **network_arguments(
            network, _arguments_of(FutureFrameReconstructor) | set(EncoderOptions.names())
        ),
    }
    return _fitting(size, lambda: FutureFrameReconstructor.from_preset(name, **arguments))


def load_reconstructor(pretrained: RunDirectory) -> "FutureFrameReconstructor":
    """The network of a finished pre-training run."""
    return _load(pretrained)


def start_from(network: "MIACNet", run: RunDirectory) -> None:
    """Copies what a pre-training run, or packaged weights, have learnt and the network has too.

    Raises:
        InputError: Where they do not fit each other.
    """
    source = load_reconstructor(run)
    try:
        network.load_encoders(source)
    except ValueError as error:
        raise InputError(f"{run.label} does not fit the network: {error}") from error


def load_classifier(run: RunDirectory) -> "MIACNet":
    """The final classifier of a finished training run."""
    return _load(run)


def _arguments_of(model: type) -> set[str]:
    others = {"self", "kwargs", "name", "dtype", "num_classes", "position_encoder"}
    return set(inspect.signature(model).parameters) - others - {"action_encoder"}


def _motion_scale(motion: str, scaling: str) -> float:
    # Min-max scaled motion reaches one already.
    return _MOTION_SCALE[motion] if scaling == "pixels" else 1.0


def _fitting(size: int, build: Callable[[], T]) -> T:
    try:
        return build()
    except (TypeError, ValueError) as error:
        raise InputError(
            f"no network for frames of {size} pixels: {error} Choose another --preset or "
            "--network, or preprocess with another --size"
        ) from error


def _load(run: RunDirectory) -> Any:
    import keras

    # Imported with the whole package, which registers its classes with Keras.
    from keras_ma2mi.models import MIACNet
    from keras_ma2mi.models.preset_files import WEIGHTS_FILE

    run.require_finished()
    model = run.info.get("model", "miacnet")
    if model not in ("miacnet", "three_stream_cnn"):
        raise InputError(f"{run.path} is a run of {model}, which is no network; give another run")
    if (run.path / WEIGHTS_FILE).is_file():
        return MIACNet.from_preset(run.path)
    if not run.model_path.is_file():
        raise InputError(f"{run.model_path} is missing; repeat the run")
    return keras.saving.load_model(run.model_path, compile=False)


def class_probabilities(
    network: "MIACNet", batch: dict[str, np.ndarray], batch_size: int, multi_label: bool = False
) -> np.ndarray:
    """Probabilities from the logits, `(N, classes)` float64, in batches of one fixed shape.

    Softmax, or where `multi_label`, the logistic function of each action unit's logit.
    """
    count = len(next(iter(batch.values())))
    logits = []
    for start in range(0, count, batch_size):
        rows = np.arange(start, start + batch_size) % count
        part = {name: values[rows] for name, values in batch.items()}
        logits.append(np.asarray(network.predict_on_batch(part), np.float64)[: count - start])
    values = np.concatenate(logits)[:count]
    if multi_label:
        # By tanh, because exp of a large negative logit overflows.
        return 0.5 * (1.0 + np.tanh(0.5 * values))
    values = np.exp(values - values.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)


def names_of(classes: Sequence[str]) -> list[str]:
    """Column names of the class probabilities in predictions.csv."""
    return [f"probability_{name}" for name in classes]
