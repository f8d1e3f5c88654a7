"""The same random change of geometry for a frame and its motion."""

import math
from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers.affine_sampling import (
    SimilarityTransform,
    transform_images,
    transform_vectors,
)
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_fraction, check_one_of

IMAGE_KEYS = ("onset", "frame", "future", "motion")

# Channel of u for each kind of motion; v follows it.
_FLOW_CHANNEL = {"flow": 0, "difference": None, "both": 3}


@ma2mi_export
class JointAugmentation(keras.layers.Layer):
    """Flips, turns, scales and shifts frames together with the motion between them.

    All images of a sample undergo one random transform about the image's centre; each sample
    draws its own. Images are resampled bilinearly, and the border is repeated outwards. Flow is
    more than an image: its vectors are flipped (u changes its sign), turned and scaled too, so
    that what a flow vector points to is still there afterwards. Optical strain is the same number
    in every orientation and at every scale (displacement and distance grow alike), and a frame
    difference is a brightness: both only move. Active in training, identity in inference.

    A flip exchanges left and right: leave it out (`flip=0.0`) where labels tell them apart.

    Images have no padding, so the layer takes no mask. In a `tf.data` pipeline it runs under the
    TensorFlow backend; inside a model, or called on a batch, under any.

    Args:
        motion_kind: Channels of `motion`. `"flow"`: u, v, then scalars such as optical strain;
            `"difference"`: scalars only; `"both"`: three channels of difference, then as
            `"flow"`. Defaults to `"flow"`.
        flip: float. Probability of a horizontal flip, from 0 to 1. Defaults to `0.5`.
        shift: float. Largest shift along either axis as a fraction of the image's size, in the
            range `[0, 1)`. Defaults to `0.05`.
        rotation: float. Largest rotation to either side in degrees, from 0 to 180.
            Defaults to `5.0`.
        scale: float. Largest enlargement: the factor lies between `1 / (1 + scale)` and
            `1 + scale`, both sides of 1 being equally likely. 0 or greater. Defaults to `0.05`.
        seed: int or `None`. Seed of the random draws; backends draw different numbers from one
            seed, but transform alike by equal numbers. Defaults to `None`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Dict of tensors. `"onset"`, `"frame"`, `"future"` (float images of shape
            `(batch, height, width, 3)`) and `"motion"` (float, `(batch, height, width, channels)`,
            flow in pixels) are transformed, whichever are given; height and width are known and
            the same for all. Any other entry, such as `"gap"`, is passed on as it is.
        training: bool or `None`. Whether to transform.

    Returns:
        Dict with the same keys and shapes. Images are resampled in float32 and returned in the
        layer's compute dtype.

    Example:

    ```python
    augment = keras_ma2mi.layers.JointAugmentation("flow", rotation=10.0, seed=1)
    batch = {
        "onset": keras.random.uniform((8, 64, 64, 3)),
        "motion": keras.random.normal((8, 64, 64, 3)),  # u, v, strain
    }
    augmented = augment(batch, training=True)
    ```
    """

    def __init__(
        self,
        motion_kind: str = "flow",
        flip: float = 0.5,
        shift: float = 0.05,
        rotation: float = 5.0,
        scale: float = 0.05,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        # Autocast would round images and pixel-exact flow to float16 before they are resampled.
        super().__init__(autocast=False, **kwargs)
        check_one_of("motion_kind", motion_kind, tuple(_FLOW_CHANNEL))
        check_fraction("shift", shift)
        for name, value, largest in (
            ("flip", flip, 1.0),
            ("rotation", rotation, 180.0),
            ("scale", scale, math.inf),
        ):
            if not 0 <= value <= largest or math.isinf(value):
                raise ValueError(
                    f"`{name}` must be a number from 0 to {largest}. Received: {name}={value!r}"
                )
        self.motion_kind = motion_kind
        self.flip = flip
        self.shift = shift
        self.rotation = rotation
        self.scale = scale
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs: dict[str, Tensor], training: bool | None = None) -> dict[str, Tensor]:
        self._check_inputs({key: tensor.shape for key, tensor in inputs.items()})
        images = {key: self._as_float(key, inputs[key]) for key in IMAGE_KEYS if key in inputs}
        if training:
            images = self._transform(images)
        return {
            key: ops.cast(images[key], self.compute_dtype) if key in images else tensor
            for key, tensor in inputs.items()
        }

    def random_transform(self, batch: Any, height: int, width: int) -> SimilarityTransform:
        """Draws a transform for each sample of a batch.

        Args:
            batch: int or scalar tensor. Number of samples.
            height: int. Height of the images in pixels.
            width: int. Width of the images in pixels.

        Returns:
            A named tuple of float32 tensors of shape `(batch,)`: `mirror` (-1 or 1), `angle` in
            radians, `scale`, `shift_x` and `shift_y` in pixels.
        """
        draws = keras.random.uniform((batch, 5), dtype="float32", seed=self.seed_generator)
        either_side = 2.0 * draws - 1.0
        return SimilarityTransform(
            mirror=1.0 - 2.0 * ops.cast(draws[:, 0] < self.flip, "float32"),
            angle=either_side[:, 1] * math.radians(self.rotation),
            scale=ops.exp(either_side[:, 2] * math.log1p(self.scale)),
            shift_x=either_side[:, 3] * (self.shift * width),
            shift_y=either_side[:, 4] * (self.shift * height),
        )

    def compute_output_shape(self, inputs_shape: dict[str, Shape]) -> dict[str, Shape]:
        self._check_inputs(inputs_shape)
        return dict(inputs_shape)

    def compute_output_spec(
        self, inputs: dict[str, Tensor], training: bool | None = None
    ) -> dict[str, Tensor]:
        self._check_inputs({key: tensor.shape for key, tensor in inputs.items()})
        return {
            key: keras.KerasTensor(
                tensor.shape, dtype=self.compute_dtype if key in IMAGE_KEYS else tensor.dtype
            )
            for key, tensor in inputs.items()
        }

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update(
            {
                "motion_kind": self.motion_kind,
                "flip": self.flip,
                "shift": self.shift,
                "rotation": self.rotation,
                "scale": self.scale,
                "seed": self.seed,
            }
        )
        return config

    def _transform(self, images: dict[str, Tensor]) -> dict[str, Tensor]:
        first = next(iter(images.values()))
        transform = self.random_transform(ops.shape(first)[0], *first.shape[1:3])
        # Side by side in the channel axis all images share one gather.
        moved = transform_images(ops.concatenate(list(images.values()), axis=-1), transform)
        transformed, start = {}, 0
        for key, image in images.items():
            transformed[key] = moved[..., start : start + image.shape[-1]]
            start += image.shape[-1]
        u = _FLOW_CHANNEL[self.motion_kind]
        if "motion" in transformed and u is not None:
            transformed["motion"] = _with_vectors_turned(transformed["motion"], u, transform)
        return transformed

    def _check_inputs(self, shapes: dict[str, Shape]) -> None:
        images = {key: tuple(shapes[key]) for key in IMAGE_KEYS if key in shapes}
        sizes = {shape[1:3] for shape in images.values()}
        if len(sizes) != 1 or any(len(s) != 4 or None in s[1:] for s in images.values()):
            raise ValueError(
                f"`inputs` must have one or more of the keys {IMAGE_KEYS}, each of shape (batch, "
                "height, width, channels) with the same known height and width. "
                f"Received: inputs of shapes {dict(shapes)}"
            )
        u = _FLOW_CHANNEL[self.motion_kind]
        channels = images["motion"][-1] if "motion" in images else None
        if channels is not None and u is not None and channels < u + 2:
            raise ValueError(
                f"`inputs['motion']` must have {u + 2} channels or more for "
                f"motion_kind={self.motion_kind!r}. Received: shape {images['motion']}"
            )

    def _as_float(self, key: str, images: Tensor) -> Tensor:
        if not keras.backend.is_float_dtype(images.dtype):
            raise ValueError(
                f"`inputs[{key!r}]` must be of a float dtype: integers cannot hold what lies "
                f"between two pixels. Received: dtype {images.dtype}"
            )
        return ops.cast(images, "float32")


def _with_vectors_turned(motion: Tensor, first: int, transform: SimilarityTransform) -> Tensor:
    u, v = transform_vectors(motion[..., first], motion[..., first + 1], transform)
    vectors = ops.stack([u, v], axis=-1)
    return ops.concatenate([motion[..., :first], vectors, motion[..., first + 2 :]], axis=-1)
