"""What fixes the two encoders, shared by MIACNet and the reconstructor."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import prod
from typing import Any

from keras_ma2mi.layers import ActionEncoder, PositionEncoder
from keras_ma2mi.types import Config
from keras_ma2mi.validation import check_input_size


@dataclass(frozen=True)
class EncoderOptions:
    """Options of a position encoder and an action encoder whose maps have the same shape.

    One place derives the grid and the channels of the position map from the action branch, so
    that encoders built for pre-training and for classification always fit each other.
    """

    input_size: int = 224
    stem_filters: Sequence[int] = (180, 128)
    stem_strides: Sequence[int] = (2, 1)
    filters: Sequence[int] = (128, 128, 256, 512)
    strides: Sequence[int] = (1, 2, 2, 2)
    position_kind: str = "transformer"
    position_depth: int = 2
    position_heads: int = 4
    position_mlp_ratio: float = 4.0
    position_drop_path: float = 0.0
    motion_scale: float = 1.0
    motion_floor: float | None = None

    def __post_init__(self) -> None:
        check_input_size(self.input_size, (*self.stem_strides, *self.strides))

    @classmethod
    def from_config(cls, config: Config) -> "EncoderOptions":
        """Picks the options of the encoders from the constructor arguments of a model."""
        return cls(**{key: config[key] for key in cls.names() if key in config})

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of all options."""
        return tuple(field.name for field in fields(cls))

    @property
    def grid(self) -> int:
        """Height and width of both maps."""
        return self.input_size // (prod(self.stem_strides) * prod(self.strides))

    def action_encoder(self, return_attention: bool = False, dtype: Any = None) -> ActionEncoder:
        """Returns an unbuilt action encoder."""
        return ActionEncoder(
            stem_filters=self.stem_filters,
            stem_strides=self.stem_strides,
            filters=self.filters,
            strides=self.strides,
            motion_scale=self.motion_scale,
            motion_floor=self.motion_floor,
            return_attention=return_attention,
            name="action_encoder",
            dtype=dtype,
        )

    def position_encoder(self, dtype: Any = None) -> PositionEncoder:
        """Returns an unbuilt position encoder."""
        return PositionEncoder(
            kind=self.position_kind,
            grid=self.grid,
            channels=self.filters[-1],
            depth=self.position_depth,
            heads=self.position_heads,
            mlp_ratio=self.position_mlp_ratio,
            drop_path=self.position_drop_path,
            name="position_encoder",
            dtype=dtype,
        )
