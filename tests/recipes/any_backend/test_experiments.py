"""What was tried in pre-training: the list, the probe, and what needs no network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from keras_ma2mi.evaluation import score
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.ma2mi_benchmark import (
    EXPERIMENTS,
    FULL_PLAN,
    QUESTIONS,
    Experiment,
    Plan,
    RenderedSet,
    chosen_experiments,
    experiments_plan,
    run_experiments,
)
from ma2mi_recipes.ma2mi_benchmark.conditions import check_conditions
from ma2mi_recipes.ma2mi_benchmark.experiment_features import (
    _classifier_features,
    untrained_features,
)
from ma2mi_recipes.ma2mi_benchmark.experiment_probes import probes_of
from ma2mi_recipes.ma2mi_benchmark.experiments import REFERENCE
from ma2mi_recipes.ma2mi_benchmark.logistic_probe import COSTS, Standardisation, fit_probe
from ma2mi_recipes.networks import build_network, build_reconstructor
from ma2mi_recipes.pretraining import PretrainOptions
from tests.recipes.made_up_clips import made_up_clips

TINY = Plan(
    "tiny",
    macro=RenderedSet("macro", 1, 1, seed=1, style="plain"),
    micro=RenderedSet("micro", 3, 5, seed=2, style="plain", fps=20.0),
    fractions=(0.5, 1.0),
    seeds=(100, 101),
    size=32,
)
WITHOUT_CODE = next(one for one in EXPERIMENTS if one.name == "code-of-places")
FLOW = next(one for one in EXPERIMENTS if one.kind == "flow")


def test_every_experiment_is_another_one_and_answers_a_question(tmp_path: Path) -> None:
    plan = experiments_plan()
    probes = probes_of(replace(plan, seeds=(100,)), chosen_experiments(), tmp_path)
    folders = [probe.start.folder for probe in probes if probe.start and probe.kind != "untrained"]
    assert len(set(folders)) == len(folders) == len(EXPERIMENTS) + 1 - 2
    names = [one.name for one in EXPERIMENTS]
    assert len({*names, *QUESTIONS, REFERENCE.name}) == len(names) + len(QUESTIONS) + 1
    assert {one.question for one in EXPERIMENTS} == set(QUESTIONS)
    assert all(one.changes for one in EXPERIMENTS)
    check_conditions([one.condition() for one in chosen_experiments()], plan)


def test_networks_of_all_experiments_can_be_built() -> None:
    networks = {tuple(one.network.items()): one for one in EXPERIMENTS if one.network}
    for one in networks.values():
        given = (one.condition().pretraining or {})["network"]
        small = ("filters=[8, 8, 16]", "stem_filters=[8, 8]", "position_depth=1")
        model = build_reconstructor("miacnet_tiny", 32, "flow", network=(*given, *small))
        for name in set(one.network) & {"code_units", "fusion", "teacher"}:
            told = getattr(model, name)
            assert one.network[name] == ("null" if told is None else str(told))


def test_a_code_of_the_whole_face_is_probed_or_a_map_averaged_or_the_layer_before_classes() -> None:
    clips = made_up_clips(subjects=2, size=32)
    for one, words in ((REFERENCE, "code of 48"), (WITHOUT_CODE, "action map, 4x4x64")):
        options = PretrainOptions(preset="miacnet_tiny", **dict(one.condition().pretraining or {}))
        features, told = untrained_features(options, 100, clips)
        assert told == words
        assert features.shape == (len(clips), 48 if one is REFERENCE else 4 * 4 * 64)
        assert features.std(axis=0).max() > 0
    network = build_network("miacnet_tiny", 32, "flow", 3, network=("head=code", "code_units=7"))
    features, told = _classifier_features(network, clips)
    assert told == "layer before the classes, 7"
    logits = network.predict_on_batch({"onset": clips.onset / 255.0, "motion": clips.motion})
    kernel, bias = network.get_layer("logits").get_weights()
    np.testing.assert_allclose(features @ kernel + bias, logits, atol=1e-4)


def test_experiments_are_chosen_by_name_or_by_question() -> None:
    assert [one.name for one in chosen_experiments(["smooth-l1", "horizon"])] == [
        "reference",
        "horizon-1",
        "horizon-1.5",
        "horizon-3",
        "smooth-l1",
    ]
    assert len(chosen_experiments()) == len(EXPERIMENTS) + 1
    with pytest.raises(InputError, match="there is no experiment magic; there are raw-flow"):
        chosen_experiments(["magic"])


def test_nothing_is_tried_on_people_or_seeds_that_are_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="seed 0, 2 is one of the reported"):
        run_experiments(replace(TINY, seeds=(0, 2, 100)), [FLOW], tmp_path)
    with pytest.raises(InputError, match="shows people of the reported figures"):
        run_experiments(replace(TINY, micro=FULL_PLAN.micro), [FLOW], tmp_path)
    assert not list(tmp_path.iterdir())


def test_people_are_added_to_and_taken_from_those_of_the_plan() -> None:
    plan = experiments_plan()
    assert Experiment("more", people=2.0).plan(plan).macro.subjects == 2 * plan.macro.subjects
    assert Experiment("one", people=0.001).plan(plan).macro.subjects == 1
    assert REFERENCE.plan(plan) == plan


def test_a_probe_finds_what_is_linear_in_other_people(rng: np.random.Generator) -> None:
    labels = np.tile(np.arange(3, dtype=np.int32), 20)
    subjects = [f"s{row // 6}" for row in range(60)]
    features = rng.normal(size=(60, 40))
    features[:, :3] += 6 * np.eye(3)[labels]
    probe = fit_probe(features[:30], labels[:30], subjects[:30], 3, seed=0)
    assert (probe.probabilities(features[30:]).argmax(axis=1) == labels[30:]).mean() > 0.8
    np.testing.assert_allclose(probe.probabilities(features).sum(axis=1), 1)
    assert probe.cost in COSTS


def test_more_features_than_clips_are_fitted_as_if_each_had_its_weight(
    rng: np.random.Generator,
) -> None:
    features, labels = rng.normal(size=(24, 90)), np.tile(np.arange(4, dtype=np.int32), 6)
    probe = fit_probe(features, labels, ["one"] * 24, 4, seed=0)
    vectors = Standardisation.fitted_to(features)(features)
    plain = LogisticRegression(C=probe.cost, class_weight="balanced", tol=1e-9, max_iter=5000)
    others = rng.normal(size=(10, 90))
    expected = plain.fit(vectors, labels).predict_proba(probe.standardisation(others))
    np.testing.assert_allclose(probe.probabilities(others), expected, atol=2e-3)


@given(gain=st.floats(1e-3, 1e3), shift=st.floats(-10, 10), width=st.integers(1, 30))
@settings(max_examples=15, deadline=None)
def test_a_probe_does_not_depend_on_the_unit_of_its_features(
    gain: float, shift: float, width: int
) -> None:
    features = np.random.default_rng(width).normal(size=(20, width))
    labels = np.tile(np.arange(2, dtype=np.int32), 10)
    subjects = [f"s{row // 4}" for row in range(20)]
    said = [
        fit_probe(one, labels, subjects, 2, seed=0).probabilities(one)
        for one in (features, gain * (features + shift))
    ]
    np.testing.assert_allclose(said[0], said[1], atol=1e-3)


def test_classes_without_a_clip_and_features_that_never_change(rng: np.random.Generator) -> None:
    features = rng.normal(size=(8, 3))
    features[:, 1] = 5.0
    labels = np.array([0, 2] * 4, np.int32)
    probe = fit_probe(features, labels, ["a", "b"] * 4, 3, seed=0)
    said = probe.probabilities(features + np.array([0, 100, 0]))
    assert np.isfinite(said).all()
    assert (said[:, 1] == 0).all()
    alone = fit_probe(features, np.full(8, 2, np.int32), ["a", "b"] * 4, 3, seed=0)
    np.testing.assert_array_equal(alone.probabilities(features), np.tile([0.0, 0, 1], (8, 1)))


def test_raw_flow_is_probed_with_each_person_held_out_and_not_twice(tmp_path: Path) -> None:
    results = run_experiments(TINY, [FLOW], tmp_path)
    table = results.predictions(FLOW.name, 1.0)
    assert len(table) == 2 * 15
    assert (table["fold"] == table["subject"]).all()
    assert 0 <= score(table[table["seed"] == 100], results.classes).uf1 <= 1
    first = results.probes[0]
    assert first.facts(0.5)["features"] == "motion, 14x14x3"
    assert (first.facts(0.5)["train_clips"], first.facts(1.0)["train_clips"]) == (5, 10)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("probes/*/*")}
    told: list[tuple[str, int, int]] = []
    again = run_experiments(
        replace(TINY, fractions=(0.25, 0.5)),
        [FLOW],
        tmp_path,
        on_step=lambda *one: told.append(one),
    )
    assert told[-3:] == [("probing", 0, 2), ("probing", 1, 2), ("probing", 2, 2)]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(again.predictions(FLOW.name, 0.25)) == 30
