"""What is made before it is packed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_ma2mi.models import MIACNet


@dataclass(frozen=True)
class Checked:
    """Clips of people whom nobody trained on, and what they gave where the weights were made.

    Attributes:
        onset: `(N, S, S, 3)` uint8.
        motion: `(N, S, S, 3)` float16, scaled as the network takes it.
        probabilities: `(N, classes)` float32: of classes, or of action units each on its own.
        clip_ids: Names of the clips.
        labels: Emotion of each.
    """

    onset: npt.NDArray[np.uint8]
    motion: npt.NDArray[np.float16]
    probabilities: npt.NDArray[np.float32]
    clip_ids: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Start:
    """The network before it met a label of a micro-expression.

    Attributes:
        network: With an untrained head.
        info: As in run.json of a pre-training; `pretrained_layers` are those that it trained.
    """

    network: MIACNet
    info: dict[str, Any]


@dataclass(frozen=True)
class Made:
    """Weights with all that is known of them.

    Attributes:
        network: With its trained head.
        info: As in run.json, with what the card tells.
        checked: Inputs and answers.
        start: What a new head is put on; None for the network itself.
    """

    network: MIACNet
    info: dict[str, Any]
    checked: Checked
    start: Start | None = None
