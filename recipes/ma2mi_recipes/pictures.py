"""Pictures of heat maps."""

import cv2
import numpy as np
import numpy.typing as npt


def overlay_heat_map(
    face: npt.NDArray[np.uint8], heat_map: npt.NDArray[np.floating], strength: float = 0.6
) -> npt.NDArray[np.uint8]:
    """Heat map over a face: warm where the place speaks for the class, clear where it doesn't.

    Args:
        face: `(H, W, 3)` uint8 RGB.
        heat_map: `(h, w)`: what each place adds to the class's logit. Values below zero, which
            speak against the class, stay clear.
        strength: Opacity of the highest value, 0..1.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    height, width = face.shape[:2]
    positive = np.maximum(heat_map, 0).astype(np.float32)
    positive = cv2.resize(positive, (width, height), interpolation=cv2.INTER_CUBIC)
    positive = np.clip(positive / max(float(positive.max()), 1e-12), 0, 1)
    levels = np.round(positive * 255).astype(np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    opacity = strength * positive[..., None]
    return np.asarray(np.round(face * (1 - opacity) + colours * opacity), np.uint8)


def encode_png(image: npt.NDArray[np.uint8]) -> bytes:
    """RGB image to PNG bytes."""
    done, content = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert done
    return content.tobytes()


def beside(
    images: list[npt.NDArray[np.uint8]], height: int = 224, space: int = 6
) -> npt.NDArray[np.uint8]:
    """Images of any size in one row of one height, on white."""
    scaled = []
    for image in images:
        width = round(image.shape[1] * height / image.shape[0])
        smooth = cv2.INTER_AREA if image.shape[0] > height else cv2.INTER_CUBIC
        scaled.append(cv2.resize(image, (width, height), interpolation=smooth))
        scaled.append(np.full((height, space, 3), 255, np.uint8))
    return np.concatenate(scaled[:-1], axis=1)
