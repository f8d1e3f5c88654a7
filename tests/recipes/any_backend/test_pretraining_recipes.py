"""What a pre-training does by name, and the classifier that takes it up."""

from dataclasses import fields

import pytest

from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.ma2mi_benchmark.settled import AUTOENCODER, CLASSIFIER, MA2MI
from ma2mi_recipes.networks import build_network, build_reconstructor
from ma2mi_recipes.pretraining import PretrainOptions
from ma2mi_recipes.pretraining_recipes import RECIPES, with_recipe
from ma2mi_recipes.started_network import fitted_to_start


def test_the_plain_recipe_changes_nothing_and_all_recipes_name_known_options() -> None:
    usual = PretrainOptions(epochs=3)
    assert with_recipe(usual, "plain") == usual
    known = {one.name for one in fields(PretrainOptions)}
    for recipe in RECIPES.values():
        assert set(recipe) <= known


def test_what_a_person_gives_goes_before_the_recipe() -> None:
    given = {"horizon": 3.0, "flip": None, "network": ("code-units=12", "predictor_depth=1")}
    options = with_recipe(PretrainOptions(), "code", given)
    assert (options.horizon, options.flip) == (3.0, RECIPES["code"]["flip"])
    assert options.network[-2:] == ("code-units=12", "predictor_depth=1")
    assert "code_units=48" not in options.network
    assert "teacher=pixels" in options.network


def test_an_autoencoder_does_not_see_the_pixels_that_it_tells() -> None:
    options = with_recipe(PretrainOptions(objective="current"), "code")
    assert not any(text.startswith("predictor_detail") for text in options.network)
    for changes in AUTOENCODER.values():
        assert not any(text.startswith("predictor_detail") for text in changes["network"])


@pytest.mark.parametrize("branches", ["both", "action", "position"])
def test_the_benchmark_fine_tunes_what_it_pretrained(branches: str) -> None:
    changes = MA2MI[branches]
    reconstructor = build_reconstructor(
        "miacnet_tiny",
        32,
        "flow",
        network=changes["network"],
        code_channels=changes["code_channels"],
    )
    # Some weights begin alike everywhere, as the zeros of a gate.
    for variable in reconstructor.trainable_variables:
        variable.assign(variable + 0.1)
    classifier = build_network(
        "miacnet_tiny", 32, "flow", 5, branches, network=CLASSIFIER["network"]
    )
    before = [layer.get_weights() for layer in classifier.layers]
    classifier.load_encoders(reconstructor)
    changed = {
        layer.name
        for layer, old in zip(classifier.layers, before, strict=True)
        if any((new != was).any() for new, was in zip(layer.get_weights(), old, strict=True))
    }
    wanted = {
        "both": {"position_encoder", "action_encoder", "code", "fusion"},
        "action": {"action_encoder", "code"},
        "position": {"position_encoder"},
    }
    assert changed == wanted[branches]


def test_a_classifier_takes_up_the_network_of_its_start() -> None:
    start = {"options": {"network": with_recipe(PretrainOptions(), "code").network}}
    options = fitted_to_start(TrainOptions(), start)
    assert options.branches == "auto"
    assert set(options.network) == {
        "head=code",
        "code_units=48",
        "fusion=modulate",
        "motion_floor=0.02",
    }


def test_a_code_of_motion_alone_is_taken_up_by_the_action_branch() -> None:
    start = {"options": {"network": MA2MI["action"]["network"]}}
    options = fitted_to_start(TrainOptions(), start)
    assert options.branches == "action"
    assert set(options.network) == set(CLASSIFIER["network"])
    assert fitted_to_start(TrainOptions(branches="both"), start).branches == "both"


def test_lists_are_typed_so_that_they_can_be_read_again() -> None:
    start = {"options": {"network": ["filters=[8, 12]", "strides=[1,2]", "loss=cosine"]}}
    options = fitted_to_start(TrainOptions(), start)
    assert options.network == ("filters=[8, 12]", "strides=[1, 2]")


def test_a_classifier_sees_the_pixels_that_its_start_saw() -> None:
    assert fitted_to_start(TrainOptions(), {"options": {"input_size": 28}}).input_size == 28
    assert fitted_to_start(TrainOptions(), {"options": {"fields": {"size": 28}}}).input_size == 28
    asked = TrainOptions(input_size=32)
    assert fitted_to_start(asked, {"options": {"input_size": 28}}).input_size == 32


def test_a_network_that_was_asked_for_is_left_alone() -> None:
    asked = TrainOptions(network=("head=pool",))
    assert fitted_to_start(asked, {"options": {"network": ("code_units=12",)}}) == asked
    assert fitted_to_start(TrainOptions(), {"subjects": []}) == TrainOptions()
