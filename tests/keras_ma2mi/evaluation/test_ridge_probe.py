import numpy as np
import pytest
from sklearn.linear_model import Ridge

from keras_ma2mi.evaluation import ridge_probe

PEOPLE = [f"s{number}" for number in range(6) for _ in range(8)]


def drawn(seed: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Features (48, 2, 2, 3), and two values that are linear in them."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(len(PEOPLE), 2, 2, 3)) * [1.0, 50.0, 0.1] + 7.0
    weights = rng.normal(size=(12, 2)) / np.tile([1.0, 50.0, 0.1], 4)[:, None]
    targets = features.reshape(len(PEOPLE), -1) @ weights
    return features, targets + noise * rng.normal(size=targets.shape)


def r_squared(features: np.ndarray, targets: np.ndarray) -> float:
    gained, total = ridge_probe(features, {"it": targets}, PEOPLE)["it"].explained(targets)
    return float(gained.sum() / total.sum())


def test_what_is_linear_is_read_and_what_is_not_there_is_not() -> None:
    features, targets = drawn(0, noise=0.0)
    assert r_squared(features, targets) > 0.999
    noisy = r_squared(*drawn(0, noise=2.0))
    assert 0.2 < noisy < 0.95
    nothing = r_squared(np.random.default_rng(1).normal(size=(48, 30)), targets)
    # A penalty chosen on other people gives up instead of inventing.
    assert -0.3 < nothing < 0.1
    assert r_squared(np.ones((48, 4)), targets) == pytest.approx(0.0)


def test_it_is_ridge_regression_on_scaled_features_of_other_people() -> None:
    features, targets = drawn(2, noise=1.0)
    reading = ridge_probe(features, {"it": targets}, PEOPLE, strengths=[0.1])["it"]
    for person in ("s0", "s4"):
        test = np.array([name == person for name in PEOPLE])
        centred = features - features[~test].mean(axis=0)
        rows = (centred / np.sqrt(np.square(centred[~test]).mean(axis=(0, 1, 2)))).reshape(48, -1)
        # The strength is in units of the mean eigenvalue of the kernel.
        penalty = 0.1 * np.square(rows[~test]).sum() / (~test).sum()
        expected = Ridge(alpha=penalty).fit(rows[~test], targets[~test]).predict(rows[test])
        np.testing.assert_allclose(reading.prediction[test], expected, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(reading.mean[test], [targets[~test].mean(axis=0)] * test.sum())


def test_nothing_is_fitted_to_the_person_who_is_read() -> None:
    features, targets = drawn(3, noise=1.0)
    before = ridge_probe(features, {"it": targets}, PEOPLE)["it"]
    held = np.array([name == "s2" for name in PEOPLE])
    changed = targets.copy()
    changed[held] += 1000.0
    after = ridge_probe(features, {"it": changed}, PEOPLE)["it"]
    np.testing.assert_allclose(after.prediction[held], before.prediction[held])
    assert after.strengths[2] == before.strengths[2]
    assert not np.allclose(after.prediction[~held], before.prediction[~held])


def test_each_target_has_a_strength_of_its_own_and_scale_does_not_matter() -> None:
    features, targets = drawn(4, noise=0.1)
    noise = np.random.default_rng(9).normal(size=(48, 1))
    both = ridge_probe(features, {"it": targets, "noise": noise}, PEOPLE)
    assert np.median(both["noise"].strengths) > 100 * np.median(both["it"].strengths)
    scaled = ridge_probe(features * [1e3, 1e-3, 5.0], {"it": targets}, PEOPLE)["it"]
    np.testing.assert_allclose(scaled.prediction, both["it"].prediction, rtol=1e-5, atol=1e-7)


def test_what_cannot_be_read_is_refused() -> None:
    features, targets = drawn(5, noise=0.0)
    wrong = [
        ((features[:5], {"it": targets}, PEOPLE), {}, "one length"),
        ((features[0], {"it": targets}, PEOPLE), {}, "axes"),
        ((features * np.nan, {"it": targets}, PEOPLE), {}, "finite"),
        ((features, {"it": targets}, PEOPLE), {"strengths": [0.0]}, "positive"),
        ((features, {"it": targets}, ["a"] * 40 + ["b"] * 8), {}, "three or more"),
    ]
    for arguments, options, said in wrong:
        with pytest.raises(ValueError, match=said):
            ridge_probe(*arguments, **options)
