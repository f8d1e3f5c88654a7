"""The lists of the published protocols, which both stacks carry since neither imports the other."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OF_PREPROCESSING = ROOT / "preprocessing" / "ma2mi_preprocessing" / "datasets" / "protocol_lists"
OF_EVALUATION = ROOT / "keras_ma2mi" / "evaluation" / "protocol_data"
OF_EVALUATION_ALONE = {"evaluation.json", "class_sets.json"}


def test_both_stacks_carry_the_same_protocols_byte_for_byte() -> None:
    ours = {path.name: path.read_bytes() for path in OF_EVALUATION.iterdir() if path.is_file()}
    theirs = {path.name: path.read_bytes() for path in OF_PREPROCESSING.iterdir() if path.is_file()}
    assert ours.keys() - OF_EVALUATION_ALONE == theirs.keys()
    assert [name for name in theirs if ours[name] != theirs[name]] == []
