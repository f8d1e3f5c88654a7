"""MIACNet, the classifier with a position branch and an action branch."""

import contextlib
import functools
import inspect
import os
from collections.abc import Sequence
from typing import Any

import keras

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers import MotionFusion
from keras_ma2mi.models.encoder_options import EncoderOptions
from keras_ma2mi.models.encoder_transfer import copy_encoder, copy_fusion_and_code
from keras_ma2mi.models.miacnet_arguments import checked_arguments
from keras_ma2mi.models.onnx_operations import onnx_operations, onnx_signature
from keras_ma2mi.models.packaged_weights import WEIGHTS, start_folder, weights_folder
from keras_ma2mi.models.preset_files import load_preset, write_preset
from keras_ma2mi.models.presets import PRESETS, preset_config
from keras_ma2mi.types import Config, Tensor


@ma2mi_export
class MIACNet(keras.Model):
    """Two-branch network that classifies a micro-expression from its onset and its motion.

    The action branch (`ActionEncoder`) sees only motion, the position branch (`PositionEncoder`)
    only the onset frame at low resolution. Their maps, of the same shape, are fused, and a linear
    head gives the logits; because it is linear, `keras_ma2mi.explain.class_contribution_maps` can
    split a logit exactly over the places of the face.

    The paper names the two branches and what they separate. Their structure here follows MMNet, by
    the same first author, and is our reading, as are all defaults.

    Args:
        num_classes: int. Number of classes.
        input_size: int. Height and width of onset and motion; a multiple of the product of all
            strides, at least twice that. Defaults to `224`.
        motion_channels: int. Channels of the motion: 3 for RGB difference or for flow (u, v,
            strain), 6 for both. Defaults to `3`.
        branches: `"both"`, `"position"` or `"action"`. Defaults to `"both"`.
        stem_filters: Sequence of ints. See `ActionEncoder`. Defaults to `(180, 128)`.
        stem_strides: Sequence of ints. Defaults to `(2, 1)`.
        filters: Sequence of ints. The last is the number of channels of both maps.
            Defaults to `(128, 128, 256, 512)`.
        strides: Sequence of ints. Defaults to `(1, 2, 2, 2)`.
        position_kind: `"transformer"` or `"convolution"`. Defaults to `"transformer"`.
        position_depth: int. Blocks of the position branch. Defaults to `2`.
        position_heads: int. Attention heads of the position branch. Defaults to `4`.
        position_mlp_ratio: float. Defaults to `4.0`.
        position_drop_path: float. Stochastic depth, see `PositionEncoder`. Defaults to `0.0`.
        fusion: `"add"`, `"gate"`, `"modulate"` or `"cross_attention"`, see `MotionFusion`.
            Defaults to `"add"`.
        fusion_heads: int. Attention heads of `"cross_attention"`. Defaults to `4`.
        head: `"pool"` (mean over places, then linear), `"flatten"` (one linear map of all
            places, as in MMNet; many weights), or `"code"` (all places linearly squeezed to the
            few numbers of a code, and the classes linear in it; a `FutureFrameReconstructor` with
            `code_units` pre-trains the code, so that only the last step is new).
            Defaults to `"pool"`.
        code_units: int. Numbers of the code of `head="code"`. Defaults to `24`.
        dropout: float. Dropout rate before the linear head. Defaults to `0.0`.
        motion_scale: float. Constant gain on the motion. Defaults to `1.0`.
        motion_floor: float or `None`. See `ActionEncoder`. Defaults to `None`.
        name: Name of the model.
        dtype: Dtype policy of the layers. The logits always have the variable dtype.
        **kwargs: Further arguments of `keras.Model`, such as `trainable`.

    Call arguments:
        inputs: A dict with those of these keys that the branches need (more are ignored):
            `"onset"`, float RGB images from 0 to 1 of shape `(batch, input_size, input_size, 3)`;
            `"motion"`, of shape `(batch, input_size, input_size, motion_channels)`.

    Returns:
        Logits of shape `(batch, num_classes)`.

    Example:

    ```python
    model = keras_ma2mi.models.MIACNet.from_preset("miacnet_tiny", num_classes=3)
    model.compile("adamw", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    inputs = {"onset": np.zeros((8, 64, 64, 3)), "motion": np.zeros((8, 64, 64, 3))}
    model.fit(inputs, np.zeros(8))
    ```

    Reference:
        - Li et al., "From Macro to Micro: Boosting micro-expression recognition via pre-training
          on macro-expression videos", arXiv 2405.16451.
        - Li et al., "MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition",
          IJCAI 2022.
    """

    def __init__(
        self,
        num_classes: int,
        input_size: int = 224,
        motion_channels: int = 3,
        branches: str = "both",
        stem_filters: Sequence[int] = (180, 128),
        stem_strides: Sequence[int] = (2, 1),
        filters: Sequence[int] = (128, 128, 256, 512),
        strides: Sequence[int] = (1, 2, 2, 2),
        position_kind: str = "transformer",
        position_depth: int = 2,
        position_heads: int = 4,
        position_mlp_ratio: float = 4.0,
        position_drop_path: float = 0.0,
        fusion: str = "add",
        fusion_heads: int = 4,
        head: str = "pool",
        code_units: int = 24,
        dropout: float = 0.0,
        motion_scale: float = 1.0,
        motion_floor: float | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        config = {key: value for key, value in locals().items() if key in _ARGUMENTS}
        config = checked_arguments(config)
        policy = keras.dtype_policies.get(dtype or keras.config.dtype_policy())

        # === Functional model ===
        inputs, maps = _encode(config, policy)
        logits = _classify(maps["fused"], config, policy)

        super().__init__(inputs=inputs, outputs=logits, name=name, **kwargs)

        # === Config ===
        self.dtype_policy = policy
        self._config = config
        self.num_classes = config["num_classes"]
        self.branches = branches
        self.head = head
        # A closure, because Keras would track the model of the maps as a part of this one.
        self._create_maps = functools.cache(
            lambda: keras.Model(inputs, {**maps, "logits": logits}, name="maps")
        )

    @classmethod
    def from_preset(
        cls,
        preset: str | os.PathLike[str],
        num_classes: int | None = None,
        load_weights: bool = True,
        **overrides: Any,
    ) -> "MIACNet":
        """Creates an untrained model of a named size, or loads a trained one.

        Args:
            preset: A key of `keras_ma2mi.models.PRESETS`, such as `"miacnet_tiny"`, for an
                untrained model; a key of `keras_ma2mi.models.WEIGHTS`, such as
                `"miacnet_tiny_rendered"`, for trained weights of the package; or a folder written
                by `save_to_preset`. A name is never taken for a folder: write `"./miacnet_tiny"`,
                or give a `Path`, for one that is called so.
            num_classes: int. Needed for a named size. `None` takes what was saved: of
                `"miacnet_tiny_rendered"` five emotions, of `"miacnet_motion28_rendered"` 16 action
                units. For weights of the package, any number makes a new and untrained head on the
                network as it was before it met a label of a micro-expression. For a folder, the
                head is new where the number is another, and all else is loaded.
            load_weights: bool. Whether to load weights where there are any. Defaults to `True`.
            **overrides: Constructor arguments that replace those of the preset. While weights are
                loaded, `head` (which makes the head new too), `dropout`, `position_drop_path`,
                `motion_scale`, `name`, `dtype` and `trainable`, because the saved weights fit no
                others.

        Raises:
            ValueError: If there is no such preset, the folder is incomplete, damaged or of another
                format version, or an override does not fit the saved weights.
        """
        if preset in PRESETS:
            if num_classes is None:
                raise ValueError(
                    "`num_classes` must be given for a named preset, which has no trained head. "
                    f"Received: preset={preset!r}, num_classes=None"
                )
            config = {**preset_config(str(preset)), **overrides}
            return cls(num_classes=num_classes, **config)
        new_head = num_classes is not None and preset in WEIGHTS
        if preset in WEIGHTS:
            preset = weights_folder(str(preset))
            preset = start_folder(preset) if new_head else preset
        if num_classes is not None:
            overrides["num_classes"] = num_classes
        return load_preset(cls, preset, load_weights, overrides, new_head)

    def save_to_preset(self, directory: str | os.PathLike[str]) -> None:
        """Saves the model in a folder from which `from_preset` loads it under any backend.

        The folder, created where needed, gets `config.json`, `model.weights.h5` and
        `metadata.json`. The state of the optimizer is not saved: to go on with a training, use
        `model.save`.

        Args:
            directory: Path of the folder.
        """
        write_preset(self, directory)

    @property
    def input_keys(self) -> tuple[str, ...]:
        """Keys of the inputs that the branches need: of `"onset"` and `"motion"`."""
        return tuple(tensor.name for tensor in self.inputs)

    @property
    def position_encoder(self) -> keras.layers.Layer | None:
        """The position branch, or `None`."""
        return self._layer_or_none("position_encoder")

    @property
    def action_encoder(self) -> keras.layers.Layer | None:
        """The action branch, or `None`."""
        return self._layer_or_none("action_encoder")

    @property
    def maps(self) -> keras.Model:
        """Model with the same weights and inputs whose output is a dict of named maps.

        `position_map`, `action_map` and `fused` of shape `(batch, grid, grid, channels)`,
        `attention_0`, ... of shape `(batch, height, width, 1)`, and `logits`. Maps of a branch
        that the model does not have are absent.
        """
        return self._create_maps()

    def load_encoders(self, reconstructor: Any) -> None:
        """Copies what a `FutureFrameReconstructor` or another `MIACNet` has learnt.

        That is the encoders and, where they were trained for the branches of this model and it has
        them, fusion and code. The step from there to the classes is never copied.

        Args:
            reconstructor: Any object whose `position_encoder` and `action_encoder` have the
                same configuration as the branches of this model. Its `fusion` and `code`, if it
                has them, must fit too.

        Raises:
            ValueError: If a configuration differs; the message names the argument.
        """
        for role in ("position_encoder", "action_encoder"):
            target = getattr(self, role)
            if target is not None:
                copy_encoder(role, getattr(reconstructor, role), target)
        copy_fusion_and_code(reconstructor, self)

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Exports the model for inference, as `keras.Model.export` does.

        Inputs keep their names and are in the order of `input_keys`. Checked against `predict`,
        to 1e-4 and for any batch size: `format="tf_saved_model"` under TensorFlow and JAX (both
        need TensorFlow installed), and `format="onnx"` under TensorFlow (needs `tf2onnx`) run in
        onnxruntime. Under PyTorch (needs `onnxscript`) an ONNX file takes batches of one fixed
        size: `1`, or that of `input_signature`, a list that holds the list of
        `keras.InputSpec(shape, dtype, name=name)` of the inputs. For any other combination, save
        the model with `save_to_preset` and export it under a backend that can.

        Args:
            filepath: Path of the file or, for a SavedModel, of the folder.
            format, verbose, input_signature, **kwargs: See `keras.Model.export`.
        """
        onnx = format == "onnx"
        if onnx and input_signature is None:
            input_signature = onnx_signature(self)
        with onnx_operations(self) if onnx else contextlib.nullcontext():
            super().export(filepath, format, verbose, input_signature, **kwargs)

    def get_config(self) -> Config:
        # Constructor arguments instead of the functional graph: a saved model is a call of this
        # class.
        return {
            **self._config,
            "name": self.name,
            "trainable": self.trainable,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> "MIACNet":
        return cls(**config)

    def _layer_or_none(self, name: str) -> keras.layers.Layer | None:
        return next((layer for layer in self.layers if layer.name == name), None)


_ARGUMENTS = frozenset(
    set(inspect.signature(MIACNet.__init__).parameters) - {"self", "name", "dtype", "kwargs"}
)


def _encode(config: Config, policy: Any) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Builds the branches; returns the inputs, and the maps by name with `fused` among them."""
    options = EncoderOptions.from_config(config)
    size, branches = config["input_size"], config["branches"]
    inputs: list[Tensor] = []
    maps: dict[str, Tensor] = {}
    if branches != "action":
        onset = keras.Input((size, size, 3), name="onset")
        inputs.append(onset)
        maps["position_map"] = options.position_encoder(dtype=policy)(onset)
    if branches != "position":
        motion = keras.Input((size, size, config["motion_channels"]), name="motion")
        inputs.append(motion)
        encoder = options.action_encoder(return_attention=True, dtype=policy)
        maps["action_map"], attention_maps = encoder(motion)
        for index, attention in enumerate(attention_maps):
            maps[f"attention_{index}"] = attention
    if branches == "both":
        fusion = MotionFusion(config["fusion"], config["fusion_heads"], name="fusion", dtype=policy)
        maps["fused"] = fusion(maps["position_map"], maps["action_map"])
    else:
        maps["fused"] = maps[f"{branches}_map"]
    return inputs, maps


def _classify(fused: Tensor, config: Config, policy: Any) -> Tensor:
    # A cross-entropy of float16 logits overflows, so the head computes as its variables are kept.
    dtype = policy.variable_dtype
    if config["head"] == "pool":
        x = keras.layers.GlobalAveragePooling2D(
            data_format="channels_last", name="pool", dtype=dtype
        )(fused)
    else:
        x = keras.layers.Flatten(data_format="channels_last", name="flatten", dtype=dtype)(fused)
    if config["dropout"]:
        x = keras.layers.Dropout(config["dropout"], name="dropout", dtype=dtype)(x)
    if config["head"] == "code":
        x = keras.layers.Dense(config["code_units"], use_bias=False, name="code", dtype=dtype)(x)
    return keras.layers.Dense(config["num_classes"], name="logits", dtype=dtype)(x)
