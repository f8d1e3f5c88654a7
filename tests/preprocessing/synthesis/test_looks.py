"""Detailed looks: people differ, wrinkles deepen, glasses follow the head, coding damages."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.synthesis import RenderedClip, render_clip
from ma2mi_preprocessing.synthesis.action_units import movement_field
from ma2mi_preprocessing.synthesis.appearance import Glasses
from ma2mi_preprocessing.synthesis.asymmetry import bent_points, sample_bends, symmetrical
from ma2mi_preprocessing.synthesis.compression import Compression, Encoder
from ma2mi_preprocessing.synthesis.identity import Identity, sample_identity
from ma2mi_preprocessing.synthesis.people import sample_person
from ma2mi_preprocessing.synthesis.portrait import Portrait
from ma2mi_preprocessing.synthesis.renderer import perform
from ma2mi_preprocessing.synthesis.script import Script, write_script
from ma2mi_preprocessing.synthesis.sheet import face_sheet, write_face_sheet
from ma2mi_preprocessing.synthesis.stage import Stage
from ma2mi_preprocessing.synthesis.style import NATURAL, STYLES

DETAILED = [name for name, style in STYLES.items() if style.look.detailed]
GLASSES = Glasses(0.37, 0.24, 5.0, 0.05, 1.0, (0.05, 0.05, 0.06), 0.05, 0.1)


def natural_script(subject: int = 0, size: int = 96, style: str = "natural") -> Script:
    return write_script(
        "macro",
        subject=subject,
        clip=0,
        label=None,
        size=size,
        fps=10.0,
        seed=3,
        style=STYLES[style],
    )


def wearing(script: Script, glasses: Glasses | None) -> Script:
    """The same script, acted with or without glasses, without compression and in constant light."""
    appearance = dataclasses.replace(script.identity.appearance, glasses=glasses)
    constant = np.zeros_like(script.lighting_change)
    constant[:, 0] = 1.0
    return dataclasses.replace(
        script,
        identity=dataclasses.replace(script.identity, appearance=appearance),
        lighting_change=constant,
    )


def acting(script: Script, code: str, intensities: np.ndarray) -> Script:
    """The same script with one unit (T,) as strong as that, and nothing else but a moving head."""
    x, y = script.identity.grid(script.pose)
    field = script.pose.vectors_to_pixels(movement_field(code, script.identity, x, y))
    deformation = dataclasses.replace(
        script.deformation,
        fields=field[None],
        intensities=np.float32(intensities)[:, None],
        eyes=None,
        turns=0,
    )
    return dataclasses.replace(script, units=(code,), deformation=deformation, act=None)


def face_of(script: Script, code: str = "AU12", strength: float = 0.0) -> np.ndarray:
    """The face before it is deformed, (2 * size, 2 * size, 3)."""
    posed = acting(script, code, np.full(script.timeline.frames, strength))
    return Stage(posed).face(posed.deformation, 0)


def test_two_hundred_people_differ_in_shape_and_more_widely_than_plain_ones() -> None:
    names = ("cheek_half_width", "jaw_taper", "eye_opening", "brow_thickness", "chin_y")
    names += ("nose_half_width", "nose_tip_y", "mouth_half_width", "upper_lip", "lower_lip")

    def proportions(people: list[Identity]) -> np.ndarray:
        return np.array([[getattr(person, name) for name in names] for person in people])

    seeds = [np.random.SeedSequence([7, subject]) for subject in range(200)]
    plain = proportions([sample_identity(np.random.default_rng(seed)) for seed in seeds])
    natural = proportions(
        [sample_person(np.random.default_rng(seed), NATURAL.look) for seed in seeds]
    )
    spread = natural.std(axis=0) / plain.std(axis=0)
    assert (spread > 1.0).all()
    assert np.median(spread) > 1.4
    scaled = (natural - natural.mean(axis=0)) / natural.std(axis=0)
    distances = np.linalg.norm(scaled[:, None] - scaled[None], axis=-1)
    assert distances[~np.eye(200, dtype=bool)].min() > 0.7


def test_people_with_glasses_and_beards_are_as_frequent_as_the_look_says() -> None:
    people = [
        sample_person(np.random.default_rng(seed), NATURAL.look).appearance for seed in range(300)
    ]
    assert 0.17 < np.mean([person.glasses is not None for person in people]) < 0.33
    assert 0.20 < np.mean([person.facial_hair is not None for person in people]) < 0.40
    assert len({person.hair_cut for person in people}) > 150


def test_pictures_of_people_differ_more_than_pictures_of_one_person() -> None:
    def small(subject: int, clip: int) -> np.ndarray:
        script = write_script(
            "macro",
            subject=subject,
            clip=clip,
            label=None,
            size=64,
            fps=10.0,
            seed=0,
            style=NATURAL,
        )
        # All in the same scene and pose.
        script = dataclasses.replace(script, scene=scene, pose=pose, camera=None)
        return face_of(script)[20:110, 30:98]

    first = natural_script(size=64)
    scene, pose = first.scene, first.pose
    one, again, other = small(0, 0), small(0, 1), small(1, 0)
    assert np.abs(one - again).mean() < 0.3 * np.abs(one - other).mean()


@pytest.mark.parametrize("style", DETAILED)
def test_style_gives_the_same_bytes_again_and_other_pictures_than_plain(style: str) -> None:
    clip = render_clip("micro", subject=1, size=48, fps=10, style=style)
    again = render_clip("micro", subject=1, size=48, fps=10, style=style)
    assert clip.frames.tobytes() == again.frames.tobytes()
    plain = render_clip("micro", subject=1, size=48, fps=10)
    assert not np.array_equal(clip.frames[0], plain.frames[0])


def test_dim_pictures_are_darker_and_noisier_and_smooth_ones_have_less_texture() -> None:
    def measured(style: str) -> tuple[float, float, float]:
        measures = []
        for subject in range(4):
            script = natural_script(subject, style=style)
            x, y = script.pose.to_pixels([(0.6, 0.5)]).round().astype(int)[0] * 2
            # The texture of skins is compared in one light, before one lens.
            light = script.scene if style == "dim" else natural_script(subject).scene
            picture = face_of(dataclasses.replace(script, scene=light))
            cheek = picture[y - 9 : y + 10, x - 9 : x + 10]
            fine = cheek - cv2.GaussianBlur(cheek, (0, 0), 2.0)
            brightness, camera = cheek.mean(), script.scene.camera
            noise = np.sqrt(camera.shot_noise * brightness + camera.read_noise**2)
            measures.append((brightness, noise / brightness, fine[4:-4, 4:-4].std() / brightness))
        return tuple(np.mean(measures, axis=0).tolist())

    natural, dim, smooth = (measured(name) for name in ("natural", "dim", "smooth"))
    assert dim[0] < 0.65 * natural[0]
    assert dim[1] > 2.0 * natural[1]
    assert smooth[2] < 0.7 * natural[2]


def test_bent_points_are_where_the_symmetrical_face_says() -> None:
    bends = sample_bends(np.random.default_rng(5))
    points = np.random.default_rng(6).uniform(-1.2, 1.8, (40, 2))
    seen = bent_points(bends, points)
    assert np.abs(seen - points).max() > 0.01
    x, y = symmetrical(bends, seen[:, 0], seen[:, 1])
    np.testing.assert_allclose(np.stack([x, y], axis=-1), points, atol=1e-5)


@pytest.mark.parametrize("code", ["AU1", "AU4", "AU9", "AUL12", "AU17"])
def test_wrinkles_deepen_with_intensity_on_the_side_that_acts(code: str) -> None:
    script = natural_script()
    still, slight, strong = (
        face_of(script, code, strength).mean(axis=-1) for strength in (0.0, 0.3, 0.9)
    )
    assert 0 < np.abs(slight - still).max() < 0.5 * np.abs(strong - still).max()
    assert (strong - still).sum() < (slight - still).sum() < 0
    if code == "AUL12":
        right = script.identity.grid(script.pose, 2)[0] > 0.1
        changed = np.abs(strong - still)
        assert changed[right].sum() > 20 * changed[~right].sum()


def test_unit_without_wrinkles_leaves_the_neutral_picture_alone() -> None:
    script = natural_script()
    np.testing.assert_array_equal(face_of(script, "AU26", 1.0), face_of(script, "AU26", 0.0))


def browed(glasses: Glasses | None) -> tuple[Script, RenderedClip]:
    """Brows that rise strongly behind glasses, with a head that moves."""
    script = wearing(natural_script(size=128), glasses)
    intensities = np.zeros(script.timeline.frames)
    intensities[script.timeline.apex] = 0.9
    script = acting(script, "AU4", intensities)
    return script, perform(script, noise=False)


def test_glasses_stay_on_the_head_while_the_skin_below_moves() -> None:
    script, clip = browed(GLASSES)
    _, bare = browed(None)
    flow, skin_flow = clip.flow_from_onset(clip.apex), bare.flow_from_onset(bare.apex)
    worn = clip._deformation.head_layer(tuple(script.pose.to_pixels((0.0, 0.05)).tolist()))
    head = worn.flow(clip.onset, clip.apex)
    frame = np.abs(flow - skin_flow).max(axis=-1) > 1e-6
    # Only where the frame is, and there the head's motion to the last digit.
    assert 0.003 < frame.mean() < 0.05
    np.testing.assert_array_equal(flow[frame], head[frame])
    assert np.linalg.norm(skin_flow - head, axis=-1)[frame].max() > 1.0

    # The pictures agree: on the frame the head's motion finds the same colours, the skin's not.
    onset, apex = (clip.frames[index].astype(np.float32) for index in (clip.onset, clip.apex))

    def misfit(motion: np.ndarray) -> float:
        rows, columns = np.mgrid[:128, :128].astype(np.float32)
        found = cv2.remap(apex, columns + motion[..., 0], rows + motion[..., 1], cv2.INTER_LINEAR)
        moving = frame & (np.linalg.norm(skin_flow - head, axis=-1) > 0.7)
        return float(np.abs(found - onset)[moving].mean())

    assert misfit(flow) < 0.5 * misfit(skin_flow)
    assert script.identity.appearance.glasses == GLASSES


def test_glasses_turn_with_the_head() -> None:
    _, clip = browed(GLASSES)
    deformation = dataclasses.replace(
        clip._deformation,
        fields=np.full((1, 128, 128, 2), (3.0, -1.0), np.float32),
        head=np.zeros_like(clip._deformation.head),
        turns=1,
    )
    flow = deformation.head_layer((64.0, 56.0)).flow(clip.onset, clip.apex)
    np.testing.assert_allclose(flow, np.broadcast_to([2.7, -0.9], flow.shape), atol=1e-3)


def test_repainted_eyes_fit_into_the_picture_and_change_nothing_else() -> None:
    script = natural_script(size=64)
    portrait = Portrait(script.identity, script.pose, script.scene, oversampling=2)
    first = portrait.picture(script.identity, (0.0, 0.0))
    np.testing.assert_allclose(portrait.picture(script.identity, (0.0, 0.0)), first, atol=1e-5)
    glance = portrait.picture(script.identity, (0.06, 0.0))
    afresh = Portrait(script.identity, script.pose, script.scene, oversampling=2)
    np.testing.assert_allclose(glance, afresh.picture(script.identity, (0.06, 0.0)), atol=1e-5)
    assert np.abs(glance - first).max() > 0.1


def test_compression_damages_and_more_so_at_lower_quality() -> None:
    frames = render_clip("macro", size=96, fps=10, style="natural", noise=False).frames[:4]

    def damage(quality: int, between_frames: bool) -> float:
        encoder = Encoder(Compression(quality, between_frames, 30))
        coded = np.stack([encoder.coded(frame) for frame in frames]).astype(np.float32)
        return float(np.abs(coded - frames).mean())

    for between_frames in (False, True):
        assert 0.2 < damage(90, between_frames) < damage(30, between_frames) < 12.0


def test_traces_of_video_coding_stand_still_where_nothing_moves_and_catch_up_elsewhere() -> None:
    rng = np.random.default_rng(1)
    noise = rng.uniform(0, 255, (64, 64, 3)).astype(np.float32)
    first = cv2.GaussianBlur(noise, (0, 0), 5.0).astype(np.uint8)
    second = first.copy()
    second[:16, :16] = 255 - second[:16, :16]
    encoder = Encoder(Compression(40, between_frames=True, interval=30))
    shown, updated = encoder.coded(first), encoder.coded(second)
    np.testing.assert_array_equal(updated[16:], shown[16:])
    assert np.abs(updated[:16, :16].astype(float) - second[:16, :16]).mean() < 25
    # A refresh sends everything anew, and leaves the same traces as before.
    short = Encoder(Compression(40, between_frames=True, interval=1))
    short.coded(second)
    np.testing.assert_array_equal(short.coded(first), shown)


def test_unknown_style_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"`style` must be one of plain, natural.*style=baroque"):
        render_clip("micro", size=48, style="baroque")


def test_detectors_find_most_natural_faces() -> None:
    faces = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    found = 0
    for subject in range(8):
        script = natural_script(subject=subject, size=112)
        picture = np.clip(face_of(script)[::2, ::2], 0, 1)
        gray = cv2.cvtColor((255 * picture).astype(np.uint8), cv2.COLOR_RGB2GRAY)
        found += len(faces.detectMultiScale(gray, scaleFactor=1.1, minNeighbors=4)) > 0
    assert found >= 6


def test_sheet_shows_people_and_every_action_unit_twice() -> None:
    sheet = face_sheet(people=3, size=48)
    assert sheet.shape == ((1 + 2 + 2) * 48, 8 * 48, 3)
    assert (sheet[:48, 3 * 48 :] == 255).all()
    assert (sheet[:48, : 3 * 48].std(axis=(0, 1)) > 10).all()


def test_sheet_is_written_as_its_name_says(tmp_path: Path) -> None:
    write_face_sheet(tmp_path / "new" / "faces.jpg", "plain", people=1)
    assert cv2.imread(str(tmp_path / "new" / "faces.jpg")).shape == (5 * 112, 8 * 112, 3)
    assert (tmp_path / "new" / "faces.jpg").read_bytes()[:2] == b"\xff\xd8"


@pytest.mark.parametrize(
    ("name", "style", "said"),
    [("faces.bmp", "natural", "faces.bmp"), ("faces.png", "baroque", "no rendering style")],
)
def test_sheet_that_cannot_be_is_refused_before_it_is_drawn(
    tmp_path: Path, name: str, style: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        write_face_sheet(tmp_path / name, style)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kind", "subject", "means", "deviations", "flow"),
    [
        ("micro", 2, [89.094, 77.687, 64.456], [41.314, 25.025, 24.874], 0.05516),
        ("macro", 3, [113.497, 102.034, 86.682], [22.343, 35.084, 35.777], 0.08402),
    ],
)
def test_plain_faces_are_those_that_all_older_figures_were_measured_on(
    kind: str, subject: int, means: list[float], deviations: list[float], flow: float
) -> None:
    clip = render_clip(kind, subject=subject, clip=1, size=64, seed=4, fps=20)
    # Machines round differently; another picture differs by whole grey levels.
    np.testing.assert_allclose(clip.frames.mean(axis=(0, 1, 2)), means, atol=0.02)
    np.testing.assert_allclose(clip.frames.std(axis=(0, 1, 2)), deviations, atol=0.02)
    assert np.abs(clip.flow_from_onset(clip.apex)).mean() == pytest.approx(flow, rel=1e-3)
