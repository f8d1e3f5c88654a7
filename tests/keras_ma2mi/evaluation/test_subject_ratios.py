import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import PredictionsError, Ratio, compare_ratios, score_ratios

MEAN, SHARE = Ratio("mean", "hit"), Ratio("share", "found", "there")


def made_table(seed: int, subjects: int = 8, clips: int = 5, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    people = np.repeat([f"s{number}" for number in range(subjects)], clips)
    level = np.repeat(rng.normal(0, 0.2, subjects), clips)
    parts = [
        pd.DataFrame(
            {
                "subject": people,
                "seed": number,
                "hit": rng.normal(0.5 + level + shift, 0.05),
                "there": rng.uniform(1, 3, len(people)),
            }
        ).assign(found=lambda rows: rows["there"] * rows["hit"])
        for number in (3, 4)
    ]
    return pd.concat(parts, ignore_index=True)


def test_figures_are_means_over_clips_and_ratios_of_sums() -> None:
    table = made_table(0)
    scores = score_ratios(table, [MEAN, SHARE], resamples=500)
    by_seed = [part["hit"].mean() for _, part in table.groupby("seed")]
    assert scores["mean"].value == pytest.approx(np.mean(by_seed))
    assert scores["mean"].spread == pytest.approx(np.std(by_seed, ddof=1))
    ratios = [part["found"].sum() / part["there"].sum() for _, part in table.groupby("seed")]
    assert scores["share"].value == pytest.approx(np.mean(ratios))
    assert scores["mean"].low < scores["mean"].value < scores["mean"].high


def test_the_interval_is_that_of_drawing_whole_people() -> None:
    table = made_table(1, subjects=12)
    found = score_ratios(table, [MEAN], resamples=4000, over_seeds=False)["mean"]
    means = table.groupby("subject")["hit"].mean().to_numpy()
    rng = np.random.default_rng(5)
    drawn = means[rng.integers(0, 12, (4000, 12))].mean(axis=1)
    np.testing.assert_allclose(
        [found.low, found.high], np.quantile(drawn, [0.025, 0.975]), atol=0.02
    )
    one = score_ratios(table[table["subject"] == "s0"], [MEAN])["mean"]
    assert np.isnan(one.low) and np.isfinite(one.value)


def test_differences_are_paired_by_person() -> None:
    a, b = made_table(2), made_table(2, shift=0.1)
    found = compare_ratios(a, b, [MEAN, SHARE])
    assert found["mean"].difference == pytest.approx(0.1)
    # All exchanges of eight people, and two are as extreme.
    assert found["mean"].p_value == 2 / 2**8
    assert found["mean"].low == pytest.approx(0.1) == found["mean"].high
    same = compare_ratios(a, a, [MEAN])["mean"]
    assert (same.difference, same.p_value) == (0.0, 1.0)


def test_tables_that_do_not_fit_are_refused() -> None:
    table = made_table(0)
    for bad, said in (
        (table.drop(columns="hit"), "lacks the column `hit`"),
        (table[:0], "no rows"),
        (table.assign(hit=np.nan), "not finite"),
        (table[(table["subject"] != "s1") | (table["seed"] != 3)], "lacks a seed"),
    ):
        with pytest.raises(PredictionsError, match=said):
            score_ratios(bad, [MEAN])
    with pytest.raises(PredictionsError, match="differ in subjects"):
        compare_ratios(table, made_table(0, subjects=7), [MEAN])
    with pytest.raises(ValueError, match="`level`"):
        score_ratios(table, [MEAN], level=1.0)
