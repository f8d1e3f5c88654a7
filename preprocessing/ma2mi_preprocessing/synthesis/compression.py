"""Loss by compression: frames go through a JPEG encoder, one by one or as changes of a video."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .style import Look

_BLOCK = 16
# Blocks whose change is smaller than this, in grey levels at quality 0, are not sent again.
_COARSEST = 7.0
_GREY = 128.0


@dataclass(frozen=True)
class Compression:
    """How a clip was compressed.

    Attributes
    ----------
    quality : int
        Of JPEG, 1 to 100.
    between_frames : bool
        Whether only what changed since the last frame is sent, as by video encoders.
    interval : int
        Frames from one that is sent whole to the next, where it is.
    """

    quality: int
    between_frames: bool
    interval: int


def sample_compression(rng: np.random.Generator, look: Look) -> Compression | None:
    """Draw a compression, or None for a clip that keeps all of its bytes."""
    drawn = Compression(
        quality=int(rng.uniform(*look.quality)),
        between_frames=bool(rng.uniform() < 0.6),
        interval=int(rng.integers(12, 60)),
    )
    return drawn if rng.uniform() < look.compressed else None


class Encoder:
    """Compresses the frames of one clip in their order and gives what a player would show.

    Frames that are sent as changes are coded like the simplest inter-frame video: the difference
    to the last decoded frame is coded where it is large enough, block by block of 16 pixels, and
    the last frame stays elsewhere. So the traces of the coding stand still where nothing moves,
    as they do in real videos, and catch up where something does. There is no motion compensation.

    Parameters
    ----------
    compression : Compression
    """

    def __init__(self, compression: Compression) -> None:
        self._compression = compression
        self._settings = [cv2.IMWRITE_JPEG_QUALITY, compression.quality]
        self._threshold = _COARSEST * (1.0 - compression.quality / 100.0)
        self._shown: npt.NDArray[np.uint8] | None = None
        self._sent = 0

    def coded(self, frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Frame (H, W, 3) uint8 as it looks after compression."""
        whole = self._shown is None or self._sent % self._compression.interval == 0
        self._sent += 1
        if whole or not self._compression.between_frames or self._shown is None:
            self._shown = self._jpeg(frame)
        else:
            self._shown = self._updated(self._shown, frame)
        return self._shown

    def _updated(
        self, shown: npt.NDArray[np.uint8], frame: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8]:
        height, width = frame.shape[:2]
        change = cv2.absdiff(frame, shown)
        rest = -height % _BLOCK, -width % _BLOCK
        whole = cv2.copyMakeBorder(change, 0, rest[0], 0, rest[1], cv2.BORDER_REPLICATE)
        blocks = (whole.shape[1] // _BLOCK, whole.shape[0] // _BLOCK)
        per_block = cv2.resize(whole.astype(np.float32), blocks, interpolation=cv2.INTER_AREA)
        sent = np.asarray(per_block).mean(axis=2) > self._threshold
        if not sent.any():
            return shown
        mask = sent.repeat(_BLOCK, axis=0).repeat(_BLOCK, axis=1)[:height, :width, None]
        # Halved, so that the largest change still fits into eight bits around grey.
        halved = cv2.addWeighted(frame, 0.5, shown, -0.5, _GREY)
        decoded = self._jpeg(np.where(mask, halved, np.uint8(_GREY)))
        return np.where(mask, cv2.addWeighted(shown, 1.0, decoded, 2.0, -2.0 * _GREY), shown)

    def _jpeg(self, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        done, data = cv2.imencode(".jpg", picture[..., ::-1], self._settings)
        if not done:
            raise RuntimeError("OpenCV could not encode a frame as JPEG")
        decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        return np.ascontiguousarray(decoded[..., ::-1])
