"""One clip's pictures in the making: the neutral face, its wrinkles, what lies before it."""

from .accessories import Overlay, overlay_of
from .camera import Camera
from .compression import Encoder
from .deformation import Deformation
from .drawing import OVERSAMPLING, draw_neutral
from .geometry import FloatArray
from .portrait import draw_portrait
from .script import Script
from .wrinkles import Wrinkles, wrinkles_of

# How far the head may move between two frames of a clip, as a share of the picture.
_FARTHEST = 0.12


class Stage:
    """What a script's frames are cut from.

    Parameters
    ----------
    script : Script

    Attributes
    ----------
    camera : Camera
    glasses : Overlay or None
    encoder : Encoder or None
    """

    camera: Camera
    glasses: Overlay | None = None
    encoder: Encoder | None = None
    _wrinkles: Wrinkles | None = None

    def __init__(self, script: Script) -> None:
        identity, scene = script.identity, script.scene
        self.camera = script.camera if scene is None else scene.camera
        if scene is None:
            self._neutral = draw_neutral(
                identity, script.pose, script.lighting, script.backdrop, script.gaze
            )
            return
        portrait = draw_portrait(
            identity, script.pose, scene, script.gaze, oversampling=OVERSAMPLING
        )
        self._neutral = portrait.picture
        if portrait.glasses is not None:
            margin = round(_FARTHEST * script.pose.size)
            self.glasses = overlay_of(portrait.glasses, OVERSAMPLING, margin)
        if scene.compression is not None:
            self.encoder = Encoder(scene.compression)
        x, y = identity.grid(script.pose, OVERSAMPLING)
        self._wrinkles = wrinkles_of(script.units, identity, scene.lamps.key, x, y)

    def face(self, intensities: FloatArray) -> FloatArray:
        """The neutral face with the wrinkles of action units so strong (K,), (H, W, 3) float32."""
        if self._wrinkles is None:
            return self._neutral
        return self._wrinkles.laid_on(self._neutral, intensities)

    def cover(self, picture: FloatArray, deformation: Deformation, frame: int) -> None:
        """Draw over a frame (h, w, 3), in place, what moves with the head alone."""
        if self.glasses is not None:
            self.glasses.lay_on(picture, deformation.head_backwards(frame))
