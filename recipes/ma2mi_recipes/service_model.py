"""The model that the service's workers ask about the clips that they are sent."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.service.jobs.pair_model import ModelSource
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.run_directory import RunDirectory


class ServiceModel:
    """A run's final model, as the service asks it.

    Args:
        run: A run of `train` or `pretrain-units`, or a `ZeroShotRun`.
    """

    def __init__(self, run: RunDirectory) -> None:
        from ma2mi_recipes.networks import load_classifier
        from ma2mi_recipes.smaller_motion import sees_smaller
        from ma2mi_recipes.zero_shot_model import FACE_SIZE

        self._run, self._info = run, run.info
        self._network = load_classifier(run)
        size = int(next(iter(self._network.inputs)).shape[1])
        self._size = FACE_SIZE if sees_smaller(self._info) else size

    def answer(self, pair: npt.NDArray[np.uint8]) -> dict[str, Any]:
        """See `PairModel.answer`.

        Raises:
            InputError: Where the faces are smaller than what the model looks at.
        """
        from ma2mi_recipes.classified_pair import classify_pair, notes_on_model
        from ma2mi_recipes.smaller_motion import averaged_frame, check_large_enough

        check_large_enough("the clip", pair.shape[1:3], self._size)
        small = np.stack([averaged_frame(face, self._size) for face in pair])
        found = classify_pair(self._network, self._info, small)
        return {
            "model": self._run.label,
            "label": found.label,
            "probabilities": {name: round(value, 6) for name, value in found.probabilities.items()},
            "heat_map": np.round(found.heat_map, 5).tolist(),
            "notes": notes_on_model(self._info),
        }


def load(path: str, weights: str, zero_shot: str, backend: str) -> ServiceModel:
    """The model of a worker; each argument may be empty.

    Args:
        path: Run directory; empty for weights of the package.
        weights: Their name; empty for those that `predict` asks.
        zero_shot: As for `predict --zero-shot`.
        backend: Keras backend.
    """
    use_backend(backend or None)
    # Brings Keras, which keeps the backend that it meets.
    from ma2mi_recipes.zero_shot_model import asked_model

    return ServiceModel(
        asked_model(Path(path) if path else None, weights or None, zero_shot or None)
    )


def model_source(
    model: Path | None, weights: str | None, zero_shot: str | None, backend: str | None
) -> ModelSource:
    """What the service is told of a model; it is looked at here, so that a mistake is said at once.

    Raises:
        InputError: As `asked_model`, or where the backend is not installed.
    """
    chosen = use_backend(backend)
    from ma2mi_recipes.zero_shot_model import asked_model

    asked_model(model, weights, zero_shot)
    path = "" if model is None else str(model.resolve())
    arguments = (path, weights or "", zero_shot or "", str(chosen))
    return ModelSource("ma2mi_recipes.service_model:load", arguments)
