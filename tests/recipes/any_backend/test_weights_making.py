"""What the weights of the package see, before anything is rendered; and what their card says."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from keras_ma2mi.models import WEIGHTS, weights_folder
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.ma2mi_benchmark import FULL_PLAN, for_choosing
from ma2mi_recipes.rendered_people import people_named, unmistakable
from ma2mi_recipes.weights_making.card import with_card
from ma2mi_recipes.weights_making.packing import LARGEST_BYTES
from ma2mi_recipes.weights_making.plans import PLANS, EmotionPlan, plan_in_style, quick_plan

ROOT = Path(__file__).resolve().parents[3]

_FILES_OF_THE_WHEEL = """
from setuptools.config.pyprojecttoml import apply_configuration
from setuptools.dist import Distribution
build = apply_configuration(Distribution(), "pyproject.toml").get_command_obj("build_py")
build.ensure_finalized()
for _, source, _, names in build.get_data_files_without_manifest():
    for name in names:
        print(f"{source}/{name}")
"""


def test_there_is_a_plan_for_all_weights() -> None:
    assert set(PLANS) == set(WEIGHTS)
    assert {name for name, plan in PLANS.items() if plan.name == name} == set(WEIGHTS)


def test_no_plan_shows_people_of_the_benchmark_or_of_the_demo() -> None:
    plans = (FULL_PLAN, for_choosing(FULL_PLAN))
    others = {person for plan in plans for one in (plan.macro, plan.micro) for person in one.people}
    for plan in PLANS.values():
        sets = (*plan.trained_on, plan.test)
        people = {person for one in sets for person in one.people}
        assert not people & others
        assert 0 not in {seed for _, seed, _ in people}


def test_a_test_on_people_who_were_trained_on_is_refused() -> None:
    plan = PLANS["miacnet_tiny_rendered"]
    assert isinstance(plan.work, EmotionPlan)
    with pytest.raises(ValueError, match="must show other people"):
        replace(plan, test=replace(plan.work.micro, subjects=1))


def test_plans_can_be_shorter_and_in_other_styles_with_the_same_people() -> None:
    for plan in PLANS.values():
        quick, dim = quick_plan(plan), plan_in_style(plan, "dim")
        assert quick.test.people < plan.test.people
        assert dim.test.people == plan.test.people
        assert {one.style for one in (*dim.trained_on, dim.test)} == {"dim"}
    with pytest.raises(InputError, match="there is no rendering style oil"):
        plan_in_style(PLANS["miacnet_tiny_rendered"], "oil")


def test_names_of_rendered_people_do_not_repeat_from_seed_to_seed() -> None:
    people = people_named({"kind": "macro", "seed": seed, "subjects": 3} for seed in (1, 2))
    assert len({unmistakable(person) for person in people}) == 6
    assert unmistakable(("macro", 1, 0)) == "rendered_macro/seed-1/s01"


def test_a_card_takes_the_place_of_the_one_before() -> None:
    page = "# Page\n\n<!-- card of a -->\nold\n<!-- end of a -->\nrest\n"
    once = with_card(page, "a", "# a\n\n## Figures\n")
    assert once == "# Page\n\n<!-- card of a -->\n## a\n\n### Figures\n<!-- end of a -->\nrest\n"
    assert with_card(once, "a", "# a\n\n## Figures\n") == once
    with pytest.raises(InputError, match="no lines <!-- card of b -->"):
        with_card(page, "b", "")


@pytest.mark.parametrize("name", WEIGHTS)
def test_folder_is_small_and_names_no_place_of_the_machine(name: str) -> None:
    files = [path for path in weights_folder(name).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST_BYTES
    for path in files:
        if path.suffix in (".json", ".md"):
            text = path.read_text(encoding="utf-8")
            assert not any(place in text for place in ("/tmp", "/home", "/opt", "/work"))


def test_wheel_has_all_files() -> None:
    listed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _FILES_OF_THE_WHEEL],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    folder = ROOT / "keras_ma2mi" / "weights"
    files = {path.relative_to(ROOT).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {f"keras_ma2mi/weights/{name}/model.weights.h5" for name in WEIGHTS} <= files
    assert files <= set(listed)
