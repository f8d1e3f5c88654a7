from dataclasses import replace

import numpy as np
import pytest

from ma2mi_preprocessing.synthesis import ground_truth, render_clip
from ma2mi_preprocessing.synthesis.facial_motion import facial_motion
from ma2mi_preprocessing.synthesis.style import NATURAL

CLIP = {"subject": 2, "clip": 1, "size": 64, "fps": 25.0, "seed": 5}


@pytest.mark.parametrize("style", ["plain", "natural"])
def test_it_is_the_flow_of_the_rendered_clip_without_head_and_lids(style: str) -> None:
    rendered = render_clip("macro", **CLIP, style=style)
    motion = facial_motion("macro", **CLIP, style=style)
    assert motion.label == rendered.label
    assert motion.flow.shape == (64, 64, 2) and motion.flow.dtype == np.float32
    together = ground_truth(rendered)["flow"].astype(np.float32)
    # In the corner nothing but the head could move, and the background does not.
    assert np.abs(motion.flow[:3, :3]).max() < 0.05
    still = render_clip("macro", **CLIP, style=style, head_motion=False)
    open_eyes = still.lids[[still.onset, still.apex]].max() == 0
    if style == "plain" and open_eyes:
        held = still.flow_from_onset(still.apex)
        # The head stands elsewhere at the onset; the movement is the same but for a fraction.
        assert np.abs(held - motion.flow).max() < 0.35 * np.abs(motion.flow).max()
    assert np.abs(together - motion.flow).max() > 0.01
    assert np.linalg.norm(motion.flow, axis=-1).max() > 0.5


def test_intensities_are_those_of_the_clip_and_a_side_counts_half() -> None:
    for clip in range(6):
        options = {**CLIP, "clip": clip}
        rendered = render_clip("micro", **options, style="natural")
        found = facial_motion("micro", **options, style="natural").intensities
        change = rendered.intensities[rendered.apex] - rendered.intensities[rendered.onset]
        for unit, sides, value in zip(rendered.unit_codes, rendered.sides, change, strict=True):
            name = unit.replace("AUL", "AU").replace("AUR", "AU")
            assert found[name] == pytest.approx(float(value * sides.mean()), abs=1e-6)
        assert len(found) == len(rendered.unit_codes) + len(rendered.distractor_codes)


def test_head_motion_is_no_facial_motion() -> None:
    calm = replace(NATURAL, acting=replace(NATURAL.acting, tremor=0.0, turns=0.0))
    restless = replace(NATURAL, acting=replace(NATURAL.acting, tremor=0.4, turns=1.5))
    flows = [facial_motion("micro", **CLIP, style=style).flow for style in (calm, restless)]
    size = np.linalg.norm(flows[0], axis=-1).max()
    assert size > 0.05
    assert np.abs(flows[0] - flows[1]).max() < 0.5 * size
