"""One clip's pictures in the making: the neutral face, its wrinkles, what lies before it."""

from .accessories import Overlay, overlay_of
from .camera import Camera
from .compression import Encoder
from .deformation import Deformation
from .drawing import OVERSAMPLING, draw_neutral
from .eye_drawing import EyePictures
from .geometry import FloatArray
from .identity import Identity
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
    _eyes: EyePictures | None = None

    def __init__(self, script: Script) -> None:
        self._script = script
        scene, eyes = script.scene, script.deformation.eyes
        self.camera = script.camera if scene is None else scene.camera
        if eyes is None:
            self._neutral = self._drawn(script.identity)
        else:
            self._eyes = EyePictures(self._drawn, eyes, OVERSAMPLING)
        if scene is None:
            return
        if scene.compression is not None:
            self.encoder = Encoder(scene.compression)
        distractors = script.act.distractors if script.act is not None else ()
        self._wrinkles = wrinkles_of(
            (*script.units, *(each.code for each in distractors)),
            script.identity,
            scene.lamps.key,
            *script.identity.grid(script.pose, OVERSAMPLING),
        )

    def _drawn(self, identity: Identity) -> FloatArray:
        script, scene = self._script, self._script.scene
        if scene is None:
            return draw_neutral(
                identity, script.pose, script.lighting, script.backdrop, script.gaze
            )
        portrait = draw_portrait(
            identity, script.pose, scene, script.gaze, oversampling=OVERSAMPLING
        )
        if portrait.glasses is not None:
            margin = round(_FARTHEST * script.pose.size)
            self.glasses = overlay_of(portrait.glasses, OVERSAMPLING, margin)
        return portrait.picture

    def face(self, deformation: Deformation, frame: int) -> FloatArray:
        """The face of a frame before it is deformed, wrinkled, (H, W, 3) float32."""
        neutral = self._neutral if self._eyes is None else self._eyes.picture(frame)
        if self._wrinkles is None:
            return neutral
        return self._wrinkles.laid_on(neutral, deformation.intensities[frame])

    def cover(self, picture: FloatArray, deformation: Deformation, frame: int) -> None:
        """Draw over a frame (h, w, 3), in place, what moves with the head alone."""
        if self.glasses is not None:
            self.glasses.lay_on(picture, deformation.head_backwards(frame))
