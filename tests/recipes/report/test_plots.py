import pandas as pd

from ma2mi_recipes.report.plots import subject_plot


def test_subjects_of_one_dataset_go_without_its_name() -> None:
    def labels(subjects: list[str]) -> str:
        return subject_plot({"a": pd.DataFrame({"subject": subjects, "accuracy": [0.1, 0.9]})}, "x")

    alone = labels(["casme2/sub01", "casme2/sub02"])
    assert ">sub01<" in alone
    assert "casme2/sub01" not in alone
    pooled = labels(["casme2/sub01", "samm/006"])
    assert "casme2/sub01" in pooled
