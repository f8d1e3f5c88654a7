"""MA2MI pre-training: reconstruct a near-future frame in latent space."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers import ActionCode, LatentPredictor
from keras_ma2mi.layers.relative_size import relative_size
from keras_ma2mi.losses import LatentReconstruction, normalize_latent
from keras_ma2mi.metrics import MeanRatio
from keras_ma2mi.models.encoder_options import EncoderOptions
from keras_ma2mi.models.latent_diagnostics import effective_rank, latent_variance
from keras_ma2mi.models.patches import cut_patches, patch_channels
from keras_ma2mi.models.presets import preset_config
from keras_ma2mi.models.running_scale import RunningScale
from keras_ma2mi.models.teacher_encoder import TeacherEncoder
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_fraction, check_one_of, check_positive

TEACHERS = ("moving_average", "frozen", "pixels")


@ma2mi_export
class FutureFrameReconstructor(keras.Model):
    """Pre-trains two encoders by predicting the latent map of a near-future frame.

    From frame t the position encoder gives a map, from the motion t -> t+k the action encoder
    gives another, squeezed to a narrow code, and a predictor must give from both (and the time
    gap) the map that a teacher sees in frame t+k. As frame t alone does not tell what will move,
    the action encoder has to. The paper states reconstruction of near-future frames in latent
    space and two branches; teacher, code, predictor, losses and defaults are our reading.

    It trains with a plain `compile(optimizer)` and `fit(dataset)`, without targets.

    Metrics reported by `fit` and `evaluate`:

    - `loss`: `error + no_motion_weight * no_motion_error`.
    - `error`: distance of the prediction to the target.
    - `no_motion_error`: the same with the action code set to zero.
    - `motion_gain`: `no_motion_error / error`. Near 1 the action code is not used: frame t alone
      suffices.
    - `latent_variance`: variance of the map of frame t+k over the batch. Near 0 the teacher has
      collapsed.
    - `effective_rank`: number of directions over which that variance is spread.

    Args:
        position_encoder: Keras layer or model from frames to maps `(batch, h, w, channels)`.
        action_encoder: Keras layer or model from motion to maps `(batch, h, w, any)`.
        code_channels: int or `None`. Channels to which the action map is squeezed (a 1x1
            convolution), few enough that the future frame cannot be copied through it, see
            `ActionCode`. `None` passes the map as it is. Defaults to `8`.
        code_units: int or `None`. Numbers of a code of the whole face, see `ActionCode`;
            `MIACNet(head="code")` classifies by them. Defaults to `None`.
        fusion: `None`, or a kind of `MotionFusion`, see `ActionCode`: the fusion of `MIACNet` is
            pre-trained too. Defaults to `None`.
        predictor_channels: int or `None`. Width of the predictor, see `LatentPredictor`.
            Defaults to `None`.
        predictor_depth: int. Blocks of the predictor. Defaults to `2`.
        predictor_mlp_ratio: float. Defaults to `2.0`.
        predictor_mixing: `"add"` or `"multiply"`, see `LatentPredictor`. Defaults to `"add"`.
        predictor_detail: bool. Whether the predictor also sees the pixels of frame t, patch by
            patch. The position encoder sees frame t at low resolution, which is enough for latent
            maps but not for pixels; what the predictor sees beside it is not kept after the
            pre-training. Defaults to `False`.
        teacher: `"moving_average"` of the position encoder, `"frozen"` (the position encoder as
            it was at the first training step), or `"pixels"` (no teacher: the target is the
            frame itself, cut into one patch a place, from -1 to 1). Defaults to
            `"moving_average"`.
        teacher_momentum: float. Momentum of the moving average per step. Defaults to `0.999`.
        loss: `"smooth_l1"`, `"squared"`, `"cosine"`, or a `keras.losses.Loss` over maps. Latent
            targets are normalised over the channels of each place. Defaults to `"smooth_l1"`.
        gap_conditioning: bool. Whether the predictor is told the time gap. Defaults to `True`.
        no_motion_weight: float. Weight in the loss of the prediction without motion. It trains
            only the predictor, so that `no_motion_error` is the error of a predictor that has
            learnt to do without motion, not of one that never met a zero. Defaults to `0.1`.
        predict_change: bool. Whether to predict the whole map of frame t+k, or its change since
            frame t in units of the typical change (a moving root mean square over training).
            Neighbouring frames differ little: with the whole map the loss is about faces, copying
            frame t beats most predictions, and the motion is hardly used. Defaults to `True`.
        change_floor: float or `None`. If given, the change of each sample is also divided by its
            own root mean square plus this floor (in units of the typical change), so that small
            movements count as much as large ones. Only with `predict_change`. Defaults to `None`.
        **kwargs: Arguments of `keras.Model`, such as `name` and `dtype`.

    Call arguments:
        inputs: A dict. `"frame"` and `"future"`: float RGB images from 0 to 1, `(batch, height,
            width, 3)`; `"motion"` from frame to future, `(batch, height, width, channels)`;
            `"gap"`: seconds between the two, `(batch,)` or `(batch, 1)`, only with
            `gap_conditioning`. Without `"future"` the model predicts but has nothing to compare.

    Returns:
        A dict of maps: `prediction`, `no_motion_prediction`, the `target` of both, and `latent`,
        the teacher's map of frame t+k (equal to the target unless `predict_change`).

    Example:

    ```python
    model = keras_ma2mi.models.FutureFrameReconstructor.from_preset("miacnet_tiny")
    model.compile("adamw")
    frames = np.random.uniform(size=(2, 16, 64, 64, 3)).astype("float32")
    batch = {"frame": frames[0], "future": frames[1], "motion": frames[1] - frames[0]}
    model.fit({**batch, "gap": np.full(16, 0.2)})
    classifier = keras_ma2mi.models.MIACNet.from_preset("miacnet_tiny", num_classes=3)
    classifier.load_encoders(model)
    ```

    Reference:
        - Li et al., "From Macro to Micro: Boosting micro-expression recognition via pre-training
          on macro-expression videos", arXiv 2405.16451.
        - Grill et al., "Bootstrap Your Own Latent", NeurIPS 2020 (moving-average teacher).
    """

    def __init__(
        self,
        position_encoder: Any,
        action_encoder: Any,
        code_channels: int | None = 8,
        code_units: int | None = None,
        fusion: str | None = None,
        predictor_channels: int | None = None,
        predictor_depth: int = 2,
        predictor_mlp_ratio: float = 2.0,
        predictor_mixing: str = "add",
        predictor_detail: bool = False,
        teacher: str = "moving_average",
        teacher_momentum: float = 0.999,
        loss: Any = "smooth_l1",
        gap_conditioning: bool = True,
        no_motion_weight: float = 0.1,
        predict_change: bool = True,
        change_floor: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_one_of("teacher", teacher, TEACHERS)
        check_fraction("teacher_momentum", teacher_momentum)
        if code_channels is not None:
            check_positive("code_channels", code_channels)
        if change_floor is not None:
            check_positive("change_floor", change_floor)
        if code_channels is None and (code_units is not None or fusion is not None):
            raise ValueError(
                "`code_channels` must be given with `code_units` or `fusion`. Received: "
                f"code_channels=None, {code_units=}, {fusion=}"
            )
        if no_motion_weight < 0:
            raise ValueError(
                f"`no_motion_weight` must not be negative. Received: {no_motion_weight=}"
            )
        self.position_encoder = position_encoder
        self.action_encoder = action_encoder
        self.code_channels = code_channels
        self.code_units = code_units
        self.fusion = fusion
        self.predictor_channels = predictor_channels
        self.predictor_depth = predictor_depth
        self.predictor_mlp_ratio = predictor_mlp_ratio
        self.predictor_mixing = predictor_mixing
        self.predictor_detail = predictor_detail
        self.teacher = teacher
        self.teacher_momentum = teacher_momentum
        # `self.loss` belongs to `compile`.
        self.latent_loss = _latent_loss(loss)
        self.gap_conditioning = gap_conditioning
        self.no_motion_weight = no_motion_weight
        self.predict_change = predict_change
        self.change_floor = change_floor
        self.action_code = self._create_action_code()
        self.teacher_encoder = self._create_teacher()
        self.change_scale = RunningScale(name="change_scale", dtype="float32")
        self._create_metrics()

    @classmethod
    def from_preset(
        cls, name: str, motion_channels: int = 3, **options: Any
    ) -> "FutureFrameReconstructor":
        """Creates a built, untrained reconstructor with the encoders of a MIACNet preset.

        Args:
            name: A key of `keras_ma2mi.models.PRESETS`, such as `"miacnet_tiny"`.
            motion_channels: int. Channels of the motion. Defaults to `3`.
            **options: Constructor arguments of this class, and those of `MIACNet` that shape its
                encoders (`input_size`, `filters`, `position_kind`, ...).
        """
        encoder_options = EncoderOptions.from_config({**preset_config(name), **options})
        others = {key: value for key, value in options.items() if key not in EncoderOptions.names()}
        dtype = options.get("dtype")
        model = cls(
            encoder_options.position_encoder(dtype=dtype),
            encoder_options.action_encoder(dtype=dtype),
            **others,
        )
        size = encoder_options.input_size
        shapes: dict[str, Shape] = {
            "frame": (None, size, size, 3),
            "future": (None, size, size, 3),
            "motion": (None, size, size, motion_channels),
        }
        if model.gap_conditioning:
            shapes["gap"] = (None, 1)
        model.build(shapes)
        return model

    def build(self, inputs_shape: dict[str, Shape]) -> None:
        shapes = {key: tuple(shape) for key, shape in inputs_shape.items()}
        for encoder, key in ((self.position_encoder, "frame"), (self.action_encoder, "motion")):
            if not encoder.built:
                encoder.build(shapes[key])
        position_shape = tuple(self.position_encoder.compute_output_shape(shapes["frame"]))
        action_shape = tuple(self.action_encoder.compute_output_shape(shapes["motion"]))
        _check_same_grid(position_shape, action_shape)
        if self.teacher_encoder is not None and not self.teacher_encoder.built:
            self.teacher_encoder.build(shapes["frame"])
        self.change_scale.build(position_shape)
        self._build_predictor(position_shape, action_shape, shapes["frame"])
        self.built = True

    def _build_predictor(
        self, position_shape: Shape, action_shape: Shape, frame_shape: Shape
    ) -> None:
        code_shape = action_shape
        if self.action_code is not None:
            self.action_code.build(position_shape, action_shape)
            code_shape = self.action_code.compute_output_shape(position_shape, action_shape)
        target_channels: Any = position_shape[-1]
        if self.teacher == "pixels":
            target_channels = patch_channels(frame_shape, position_shape)
        self.predictor = LatentPredictor(
            target_channels,
            channels=self.predictor_channels,
            depth=self.predictor_depth,
            mlp_ratio=self.predictor_mlp_ratio,
            mixing=self.predictor_mixing,
            name="predictor",
            dtype=self.dtype_policy,
        )
        gap_shape = (position_shape[0], 1) if self.gap_conditioning else None
        detail_shape = None
        if self.predictor_detail:
            detail_shape = (*position_shape[:-1], patch_channels(frame_shape, position_shape))
        self.predictor.build(position_shape, code_shape, gap_shape, detail_shape)

    def call(self, inputs: dict[str, Tensor], training: bool | None = None) -> dict[str, Tensor]:
        if training and self.teacher_encoder is not None:
            self.teacher_encoder.follow(self.position_encoder)
        position = self.position_encoder(inputs["frame"], training=training)
        code = self.action_encoder(inputs["motion"], training=training)
        if self.action_code is not None:
            code = self.action_code(position, code, training=training)
        gap = ops.reshape(inputs["gap"], (-1, 1)) if self.gap_conditioning else None
        detail = cut_patches(inputs["frame"], position.shape) if self.predictor_detail else None
        context = {"gap": gap, "detail": detail, "training": training}
        prediction = self.predictor(position, code, **context)
        no_motion = self.predictor(ops.stop_gradient(position), ops.zeros_like(code), **context)
        outputs = {"prediction": prediction, "no_motion_prediction": no_motion}
        if "future" in inputs:
            latent = self._latent(inputs["future"], position.shape)
            outputs |= {"latent": latent, "target": latent}
            if self.predict_change:
                change = latent - self._latent(inputs["frame"], position.shape)
                outputs["target"] = self.change_scale(change, training=training)
                if self.change_floor is not None:
                    outputs["target"] = relative_size(outputs["target"], self.change_floor)
        return outputs

    def _latent(self, frame: Tensor, map_shape: Shape) -> Tensor:
        """The map in which a frame is reconstructed: the teacher's, or the pixels."""
        if self.teacher_encoder is None:
            return cut_patches(frame, map_shape)
        # Float16 has too few digits to normalise what neighbouring frames differ by.
        return normalize_latent(ops.cast(self.teacher_encoder(frame), "float32"))

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Tensor | None = None,
        training: bool = True,
    ) -> Tensor:
        if sample_weight is not None:
            sample_weight = ops.reshape(sample_weight, (-1, 1, 1))
        target = y_pred["target"]
        error = self.latent_loss(target, y_pred["prediction"], sample_weight)
        no_motion_error = self.latent_loss(target, y_pred["no_motion_prediction"], sample_weight)
        self.error_metric.update_state(error)
        self.no_motion_error_metric.update_state(no_motion_error)
        self.motion_gain_metric.update_state(no_motion_error, error)
        self.latent_variance_metric.update_state(latent_variance(y_pred["latent"]))
        self.effective_rank_metric.update_state(effective_rank(y_pred["latent"]))
        loss = error + self.no_motion_weight * no_motion_error
        for extra in self.losses:
            loss = loss + ops.sum(extra)
        return loss

    def compute_output_shape(self, inputs_shape: dict[str, Shape]) -> dict[str, Shape]:
        shape = tuple(self.position_encoder.compute_output_shape(inputs_shape["frame"]))
        prediction = (*shape[:-1], self.predictor.output_channels)
        keys = ["prediction", "no_motion_prediction"]
        if "future" in inputs_shape:
            keys += ["latent", "target"]
        return dict.fromkeys(keys, prediction)

    def get_config(self) -> Config:
        config: Config = super().get_config()
        serialize = keras.saving.serialize_keras_object
        config.update(
            {
                "position_encoder": serialize(self.position_encoder),
                "action_encoder": serialize(self.action_encoder),
                "code_channels": self.code_channels,
                "code_units": self.code_units,
                "fusion": self.fusion,
                "predictor_channels": self.predictor_channels,
                "predictor_depth": self.predictor_depth,
                "predictor_mlp_ratio": self.predictor_mlp_ratio,
                "predictor_mixing": self.predictor_mixing,
                "predictor_detail": self.predictor_detail,
                "teacher": self.teacher,
                "teacher_momentum": self.teacher_momentum,
                "loss": serialize(self.latent_loss),
                "gap_conditioning": self.gap_conditioning,
                "no_motion_weight": self.no_motion_weight,
                "predict_change": self.predict_change,
                "change_floor": self.change_floor,
            }
        )
        return config

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> "FutureFrameReconstructor":
        config = dict(config)
        for key in ("position_encoder", "action_encoder", "loss"):
            config[key] = keras.saving.deserialize_keras_object(
                config[key], custom_objects=custom_objects
            )
        return cls(**config)

    def _create_action_code(self) -> ActionCode | None:
        if self.code_channels is None:
            return None
        return ActionCode(
            self.code_channels,
            self.code_units,
            self.fusion,
            name="action_code",
            dtype=self.dtype_policy,
        )

    def _create_teacher(self) -> TeacherEncoder | None:
        if self.teacher == "pixels":
            return None
        momentum = 1.0 if self.teacher == "frozen" else self.teacher_momentum
        return TeacherEncoder.of(
            self.position_encoder, momentum, name="teacher", dtype=self.dtype_policy
        )

    def _create_metrics(self) -> None:
        self.error_metric = keras.metrics.Mean(name="error")
        self.no_motion_error_metric = keras.metrics.Mean(name="no_motion_error")
        self.motion_gain_metric = MeanRatio(name="motion_gain")
        self.latent_variance_metric = keras.metrics.Mean(name="latent_variance")
        self.effective_rank_metric = keras.metrics.Mean(name="effective_rank")


def _latent_loss(loss: Any) -> keras.losses.Loss:
    # The model normalises the target itself, so that `predict` returns what the loss compares.
    if isinstance(loss, str):
        return LatentReconstruction(loss, normalize=False)
    return loss


def _check_same_grid(position_shape: Shape, action_shape: Shape) -> None:
    if len(position_shape) != 4 or position_shape[1:3] != action_shape[1:3]:
        raise ValueError(
            "`position_encoder` and `action_encoder` must give maps of the same height and width. "
            f"Received: a position map of shape {position_shape}, "
            f"an action map of shape {action_shape}"
        )
