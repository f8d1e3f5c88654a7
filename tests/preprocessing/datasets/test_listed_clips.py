"""Clips and lists that name them, in every combination."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.datasets.listed_clips import ListedLabels

NAMES = st.sampled_from(["a", "B", "c/1", "C/2"])
LABELS = st.sampled_from(["happy", "sad", "?"])


@given(
    lines=st.lists(st.tuples(NAMES, LABELS)),
    there=st.sets(NAMES),
    empty=st.sets(NAMES),
)
def test_each_name_is_a_clip_or_a_problem_and_never_both(
    lines: list[tuple[str, str]], there: set[str], empty: set[str]
) -> None:
    labels = ListedLabels("films")
    for row, (name, label) in enumerate(lines, start=1):
        take = labels.add_unknown if label == "?" else labels.add
        take(name.swapcase(), label, Path("All/train.csv"), row)
    folders = {name: Path("empty") / name for name in empty}
    result = labels.join({name: Path(name) for name in there}, folders)
    assert [clip.clip_id for clip in result.clips] == sorted(f"films/{name}" for name in there)
    lost = sorted(problem.clip_id.lower() for problem in result.problems)
    named = {name for name, _ in lines} | empty
    assert lost == sorted(f"films/{name}".lower() for name in named - there)
    for clip in result.clips:
        known = {label for name, label in lines if f"films/{name}" == clip.clip_id}
        assert clip.label == (min(known - {"?"}) if len(known - {"?"}) == 1 else None)
        # A value that was not taken is listed.
        repaired = [repair for repair in result.repairs if repair.clip_id == clip.clip_id]
        assert bool(repaired) == (len(known) > 1 or known == {"?"})
