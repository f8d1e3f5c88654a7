"""A sheet of rendered people and action units, to be looked at."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..atomic_files import atomic_path
from ..errors import InputError
from .action_units import ACTION_UNITS, movement_field
from .profile import Timeline
from .renderer import perform
from .script import Script, write_script
from .style import ALL_STYLES, style_named

# Displacement at the apex, in pixels of a picture of 224 pixels, within the range of each kind.
_PEAKS = {"macro": 8.0, "micro": 1.2}
_STRONGEST = 1.1
_COLUMNS = 8
_HIGH_FRINGE, _LINED = 0.02, 0.45
_SUFFIXES = (".png", ".jpg", ".jpeg")
_PEAK_PICTURE = 224.0
_CAPTION = 12

Picture = npt.NDArray[np.uint8]


def face_sheet(
    style: str = "natural",
    *,
    people: int = 48,
    size: int = 112,
    seed: int = 0,
    poser: int | None = None,
) -> Picture:
    """Draw neutral people in rows, and below them one person with each action unit at its apex.

    Parameters
    ----------
    style : str
        One of `style.ALL_STYLES`.
    people : int
        How many people of kind macro; rows of eight.
    size : int
        Side of each picture in pixels.
    seed : int
        Zero or more, as of `render_clip`.
    poser : int, optional
        Which person shows the action units: macro first (8 pixels of a picture of 224), then
        micro (1.2). By default the first whose face nothing hides and whose skin has lines.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
        RGB.
    """

    def script(kind: str, subject: int) -> Script:
        return write_script(
            kind,
            subject=subject,
            clip=0,
            label=None,
            size=size,
            fps=10.0,
            seed=seed,
            style=style_named(style),
        )

    rows = [_rows([_acted(script("macro", person), {})[0] for person in range(people)], size)]
    chosen = (script("macro", person) for person in range(max(1, people)))
    scene = next(filter(_shows_all, chosen), script("macro", 0))
    if poser is not None:
        scene = script("macro", poser)
    for kind, peak in _PEAKS.items():
        acted = _acted(scene, dict.fromkeys(ACTION_UNITS, peak))
        shown = [
            _captioned(picture, f"{unit} {kind}")
            for picture, unit in zip(acted[1:], ACTION_UNITS, strict=True)
        ]
        rows.append(_rows(shown, size))
    return np.concatenate(rows)


def _shows_all(script: Script) -> bool:
    """Whether neither glasses nor hair hide the face, and its skin has lines to deepen."""
    look = script.identity.appearance
    return look is None or (
        look.glasses is None
        and look.facial_hair is None
        and look.hair_cut.fringe < _HIGH_FRINGE
        and look.skin.age > _LINED
    )


def write_face_sheet(path: Path, style: str, *, people: int = 48, seed: int = 0) -> None:
    """Draw `face_sheet` into a PNG or JPEG file, whichever the name says.

    Raises
    ------
    InputError
        The name says neither, there is no such style, or the file cannot be written.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"cannot write a picture as {path.name}; end the name with .png or .jpg")
    if style not in ALL_STYLES:
        raise InputError(f"there is no rendering style '{style}'; use {' or '.join(ALL_STYLES)}")
    sheet = face_sheet(style, people=people, seed=seed)
    settings = [cv2.IMWRITE_JPEG_QUALITY, 88]
    data = cv2.imencode(path.suffix.lower(), sheet[..., ::-1], settings)[1]
    with atomic_path(path) as temporary:
        temporary.write_bytes(data.tobytes())


def _acted(script: Script, peaks: dict[str, float]) -> npt.NDArray[np.uint8]:
    """A neutral frame of the person of a script, and one for each unit at its peak, in pixels."""
    identity, pose = script.identity, script.pose
    x, y = identity.grid(pose)
    codes = tuple(peaks) or ("AU12",)
    fields = np.stack(
        [pose.vectors_to_pixels(movement_field(code, identity, x, y)) for code in codes]
    )
    count = 1 + len(peaks)
    intensities = np.zeros((count, len(codes)), np.float32)
    for index, peak in enumerate(peaks.values()):
        largest = float(np.linalg.norm(fields[index], axis=-1).max())
        wanted = peak * pose.size / _PEAK_PICTURE
        intensities[1 + index, index] = min(_STRONGEST, wanted / largest)
    acting = dataclasses.replace(
        script.deformation,
        fields=fields,
        intensities=intensities,
        head=np.zeros((count, 3), np.float32),
        eyes=None,
        turns=0,
    )
    posed = dataclasses.replace(
        script,
        units=codes,
        timeline=Timeline(count, 0, 0, count - 1),
        lighting_change=np.tile(np.array([1.0, 0.0], np.float32), (count, 1)),
        deformation=acting,
        act=None,
        # The frames do not follow each other, so nothing is to be left over from the last.
        scene=script.scene and dataclasses.replace(script.scene, compression=None),
    )
    return perform(posed).frames


def _captioned(picture: Picture, text: str) -> Picture:
    captioned = picture.copy()
    captioned[-_CAPTION:] //= 3
    place = (3, picture.shape[0] - 3)
    cv2.putText(captioned, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.32, (255, 255, 255), 1)
    return captioned


def _rows(pictures: list[Picture], size: int) -> Picture:
    rows = -(-len(pictures) // _COLUMNS)
    sheet = np.full((rows * size, _COLUMNS * size, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, _COLUMNS)
        sheet[row * size :, column * size :][:size, :size] = picture
    return sheet
