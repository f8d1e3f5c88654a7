"""Where action encoders respond to the visible movements of a real video."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_ma2mi.evaluation import moving_regions, pointing_hits, region_overlap
from keras_ma2mi.explain import action_response_maps, resize_maps
from ma2mi_preprocessing.aligned_video import AlignedVideo
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.flow import optical_flow_tvl1
from ma2mi_preprocessing.motion import motion_features, to_gray
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.spotting import (
    ExpressionEvent,
    Movement,
    events_of,
    measure_movement,
    strongest_of,
)
from ma2mi_recipes.motion_of_clips import brought_to
from ma2mi_recipes.networks import load_reconstructor
from ma2mi_recipes.prediction import Spotting
from ma2mi_recipes.run_directory import RunDirectory

_SPOTTING_SIZE = 112

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Responder:
    """A network that is looked into.

    Attributes:
        name: What a person reads above its maps.
        network: Has an `action_encoder`.
        motion: Kind of motion that it takes.
        scaling: How that motion is scaled.
        size: Side of the face that it takes, in pixels.
    """

    name: str
    network: Any
    motion: Any
    scaling: Any
    size: int

    def maps(self, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Its response to pairs of faces, `(N, 2, S, S, 3)`; as `action_response_maps`."""
        motion = [
            brought_to(motion_features(onset, apex, kind=self.motion), "pixels", self.scaling)
            for onset, apex in faces
        ]
        return action_response_maps(self.network.action_encoder, np.stack(motion))


@dataclass(frozen=True)
class RespondedEvent:
    """One visible movement, and where networks respond to it.

    Attributes:
        event: Its key frames as frame indices of the video.
        onset_face: `(S, S, 3)` uint8. `apex_face` likewise.
        flow: `(S, S, 2)` float32, onset to apex, measured.
        responses: `(h, w)` float32 by the names of the responders.
    """

    event: ExpressionEvent
    onset_face: npt.NDArray[np.uint8]
    apex_face: npt.NDArray[np.uint8]
    flow: npt.NDArray[np.float32]
    responses: Mapping[str, npt.NDArray[np.float32]]

    def agreement(self) -> dict[str, dict[str, float]]:
        """Scores of each map against the places where the measured flow is above half its largest.

        Measured flow is no truth: head motion and errors are in it.
        """
        regions = moving_regions(self.flow[None])
        if not regions.any():
            return {}
        found = {}
        for name, response in self.responses.items():
            heat = resize_maps(response[None], regions.shape[1:3])
            found[name] = {
                "pointing": float(pointing_hits(heat, regions)[0]),
                "overlap": float(region_overlap(heat, regions)[0]),
            }
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything but the pictures."""
        largest = float(np.linalg.norm(self.flow, axis=-1).max())
        return {**asdict(self.event), "largest_flow": largest, "agreement": self.agreement()}


def responder_of(run: RunDirectory) -> Responder:
    """The network of a finished run of `pretrain` or `train`.

    Raises:
        InputError: Where it has no action encoder, or its clips were magnified.
    """
    network, options = load_reconstructor(run), run.info["options"]
    if getattr(network, "action_encoder", None) is None:
        raise InputError(f"{run.path} has no action branch to look into; give another run")
    if run.info.get("magnification"):
        raise InputError(
            f"{run.path} was trained on magnified clips, which cannot be looked into here; use "
            "`predict`"
        )
    return Responder(
        run.name,
        network,
        options["motion"],
        options.get("motion_scaling", "pixels"),
        _input_size(network),
    )


def responses_to_video(
    video: Path,
    responders: list[Responder],
    options: PreprocessOptions,
    *,
    most: int,
    spotting: Spotting,
    on_progress: Progress | None = None,
) -> list[RespondedEvent]:
    """Finds the strongest visible movements of a face video, and where networks respond to them.

    Args:
        video: Video file or folder of frames.
        responders: One or more, for faces of one size.
        options: How the face is found.
        most: At most so many movements.
        spotting: What counts as a movement, and how long one is; where none counts, the strongest
            is taken.
        on_progress: Called as `(step, frames done, frames in all)`.

    Returns:
        In the order of time.

    Raises:
        InputError: Where the video has no usable face, or the networks take different sizes.
    """
    sizes = {responder.size for responder in responders}
    if len(sizes) > 1:
        raise InputError(f"the runs take faces of {sorted(sizes)} pixels; give runs of one size")
    size = sizes.pop()

    def step(name: str) -> Callable[[int, int], None]:
        return lambda done, total: on_progress(name, done, total) if on_progress else None

    spotted_at = replace(options, size=_SPOTTING_SIZE)
    aligned = AlignedVideo(
        video.resolve(), spotted_at, fps=spotting.fps, on_frame=step("looking for the face")
    )
    measuring = step("measuring movement")
    movement = measure_movement(
        aligned.frames(), aligned.fps, on_frame=lambda done: measuring(done, aligned.count)
    )
    # The rate by the time stamps is known when all frames have been read.
    events = _strongest(replace(movement, fps=aligned.fps), most, spotting)
    places = sorted({place for one in events for place in (one.onset, one.apex)})
    faces = aligned.pick(places, size)
    pairs = np.stack([np.stack([faces[one.onset], faces[one.apex]]) for one in events])
    maps = {responder.name: responder.maps(pairs) for responder in responders}
    return [
        RespondedEvent(
            _in_video(event, aligned, size),
            onset_face=pair[0],
            apex_face=pair[1],
            flow=optical_flow_tvl1(to_gray(pair[0]), to_gray(pair[1])),
            responses={name: values[number] for name, values in maps.items()},
        )
        for number, (event, pair) in enumerate(zip(events, pairs, strict=True))
    ]


def _strongest(movement: Movement, most: int, spotting: Spotting) -> list[ExpressionEvent]:
    longest = spotting.longest_seconds
    events = events_of(movement, threshold=spotting.threshold, longest_seconds=longest)
    events = events or [strongest_of(movement, longest_seconds=longest)]
    chosen = sorted(events, key=lambda one: -one.strength)[:most]
    return sorted(chosen, key=lambda one: one.onset)


def _in_video(event: ExpressionEvent, aligned: AlignedVideo, size: int) -> ExpressionEvent:
    return replace(
        event,
        onset=aligned.indices[event.onset],
        apex=aligned.indices[event.apex],
        offset=aligned.indices[event.offset],
        strength=event.strength * size / _SPOTTING_SIZE,
    )


def _input_size(network: Any) -> int:
    # A functional network has inputs, another remembers the shapes that it was built for.
    if getattr(network, "inputs", None):
        return int(next(iter(network.inputs)).shape[1])
    return int(network.get_build_config()["input_shape"]["motion"][1])
