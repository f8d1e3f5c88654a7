"""One clip's pictures in the making: the neutral face, its wrinkles, what lies before it."""

from .accessories import Overlay, overlay_of
from .camera import Camera
from .compression import Encoder
from .deformation import Deformation
from .drawing import OVERSAMPLING, draw_neutral
from .eye_drawing import EyePictures
from .geometry import FloatArray
from .identity import Identity
from .parted_lips import PartedLips
from .photographed_eyes import PhotographedEyes
from .portrait import Portrait
from .scene import Scene
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
    _portrait: Portrait | None = None
    _wrinkles: Wrinkles | None = None
    _lips: PartedLips | None = None
    _eyes: EyePictures | PhotographedEyes | None = None

    def __init__(self, script: Script) -> None:
        self._script = script
        scene, eyes = script.scene, script.deformation.eyes
        self.camera = script.camera if scene is None else scene.camera
        if scene is not None and script.photograph is None:
            self._portrait = Portrait(
                script.identity, script.pose, scene, oversampling=OVERSAMPLING
            )
            self._dress(self._portrait)
        if eyes is None:
            self._neutral = self._drawn(script.identity)
        elif script.photograph is not None:
            self._eyes = PhotographedEyes(self._drawn(script.identity), eyes, OVERSAMPLING)
        else:
            self._eyes = EyePictures(self._drawn, eyes, OVERSAMPLING)
        if scene is None:
            return
        if scene.compression is not None:
            self.encoder = Encoder(scene.compression)
        self._wrinkles = self._wrinkled(scene)

    def _wrinkled(self, scene: Scene) -> Wrinkles:
        script, act, photograph = self._script, self._script.act, self._script.photograph
        distractors = act.distractors if act is not None else ()
        sides = act.sides if act is not None else [(1.0, 1.0)] * len(script.units)
        codes = (*script.units, *(each.code for each in distractors))
        x, y = script.identity.grid(script.pose, OVERSAMPLING)
        both = (*sides, *[(1.0, 1.0)] * len(distractors))
        if photograph is not None:
            self._lips = PartedLips(codes, script.identity, x, y)
            skin = photograph.skin(script.pose, OVERSAMPLING)
            folds = wrinkles_of(codes, script.identity, photograph.lighting, x, y, skin, both)
            return photograph.softened(folds, script.pose, OVERSAMPLING)
        assert self._portrait is not None
        skin = self._portrait.skin
        return wrinkles_of(codes, script.identity, scene.lamps.key, x, y, skin, both)

    def _drawn(self, identity: Identity) -> FloatArray:
        script = self._script
        if script.photograph is not None and script.scene is not None:
            return script.photograph.picture(script.pose, script.scene.tone, OVERSAMPLING)
        if self._portrait is None:
            return draw_neutral(
                identity, script.pose, script.lighting, script.backdrop, script.gaze
            )
        return self._portrait.picture(identity, script.gaze)

    def _dress(self, portrait: Portrait) -> None:
        script = self._script
        layer = portrait.glasses(script.identity)
        if layer is not None:
            x, y = script.pose.to_pixels((0.0, 0.05)).tolist()
            margin = round(_FARTHEST * script.pose.size)
            self.glasses = overlay_of(layer, OVERSAMPLING, margin, (x, y))

    def face(self, deformation: Deformation, frame: int) -> FloatArray:
        """The face of a frame before it is deformed, wrinkled, (H, W, 3) float32."""
        neutral = self._neutral if self._eyes is None else self._eyes.picture(frame)
        if self._wrinkles is None:
            return neutral
        wrinkled = self._wrinkles.laid_on(neutral, deformation.intensities[frame])
        if self._lips is None:
            return wrinkled
        return self._lips.painted_on(wrinkled, deformation.intensities[frame])

    def cover(self, picture: FloatArray, deformation: Deformation, frame: int) -> None:
        """Draw over a frame (h, w, 3), in place, what moves with the head alone."""
        if self.glasses is not None:
            worn = deformation.head_layer(self.glasses.rests_on)
            self.glasses.lay_on(picture, worn.backward_map(frame))
