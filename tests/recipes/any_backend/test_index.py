"""`keras-ma2mi index`, `datasets` and `protocols` as people call them."""

from pathlib import Path

import pandas as pd
import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from tests.preprocessing.datasets.fake_datasets import write_frames, write_sheet
from tests.preprocessing.datasets.test_casme2_and_samm import SAMM_HEADER
from tests.recipes.conftest import call, succeed


def samm(root: Path) -> Path:
    def row(name: str, onset: object, apex: int, offset: int, label: str) -> tuple[object, ...]:
        codes = ("Micro - 1/2", "7B", label, 7, "")
        return (name[:3], name, 1, onset, apex, offset, 9, *codes)

    write_frames(root / "SAMM" / "028" / "028_4_1", "028_{:05d}.jpg", range(1071, 1135))
    write_frames(root / "SAMM" / "006" / "006_1_2", "006_{:05d}.jpg", range(5562, 5633))
    rows = [
        row("028_4_1", 1071, 1167, 1134, "Contempt"),
        row("006_1_2", 5562, 5588, 5632, "Anger"),
        row("006_1_3", "", 3948, 3988, "Anger"),
    ]
    write_sheet(root / "SAMM_Micro_FACS_Codes_v2.xlsx", [("notes",), SAMM_HEADER, *rows])
    return root


def test_index_prints_and_writes_an_audit_beside_the_manifest(tmp_path: Path) -> None:
    output = succeed("index", "samm", samm(tmp_path / "SAMM"), tmp_path / "samm.csv")
    assert "3 clips in, 2 clips of 2 subjects out, 1 dropped" in output
    assert "samm/028/028_4_1 (row 3), apex: 1167 -> 1105, the apex lies outside" in output
    assert "samm/006/006_1_3" in output
    assert "megc2019" in output
    manifest = pd.read_csv(tmp_path / "samm.csv")
    assert list(manifest["clip_id"]) == ["samm/028/028_4_1", "samm/006/006_1_2"]
    assert list(manifest["apex_source"]) == ["repaired", "annotated"]
    changes = pd.read_csv(tmp_path / "samm.audit.csv", keep_default_na=False)
    changes = changes[changes["kind"] != "absent"]
    assert list(zip(changes["kind"], changes["clip_id"], changes["old"], strict=True)) == [
        ("dropped", "samm/006/006_1_3", ""),
        ("repaired", "samm/028/028_4_1", "1167"),
    ]
    assert "| contempt |" in (tmp_path / "samm.audit.md").read_text(encoding="utf-8")


def test_index_leaves_known_errors_when_told_to(tmp_path: Path) -> None:
    root = samm(tmp_path / "SAMM")
    succeed("index", "samm", root, tmp_path / "samm.csv", "--no-repairs")
    manifest = pd.read_csv(tmp_path / "samm.csv")
    assert list(manifest["apex_source"]) == ["midpoint", "annotated"]


def test_index_without_a_usable_clip_says_where_the_reasons_are(tmp_path: Path) -> None:
    line = ("006", "006_1_3", 1, "", 5, 9, 9, "Micro - 1/2", "4", "Anger", 3, "")
    (tmp_path / "SAMM").mkdir()
    write_sheet(tmp_path / "SAMM" / "SAMM_Micro_FACS_Codes_v2.xlsx", [SAMM_HEADER, line])
    result = call("index", "samm", tmp_path / "SAMM", tmp_path / "samm.csv")
    assert result.exit_code == 2
    assert "samm.audit.md" in result.output
    assert "there is no folder of that subject" in (tmp_path / "samm.audit.csv").read_text()
    assert not (tmp_path / "samm.csv").exists()


def test_manifest_of_a_wrong_name_is_refused_before_the_dataset_is_read(tmp_path: Path) -> None:
    result = call("index", "samm", tmp_path / "nowhere", tmp_path / "samm.txt")
    assert result.exit_code == 2
    assert ".csv or .parquet" in result.output


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_every_dataset_shows_its_tree(name: str) -> None:
    assert ADAPTERS[name].expected_tree.strip() in succeed("datasets", name)


def test_protocols_are_listed_and_shown_with_every_clip() -> None:
    listed = succeed("protocols")
    assert "megc2019" in listed and "holdout:smic" in listed and "k-fold:K[:SEED]" in listed
    lines = succeed("protocols", "megc2019").splitlines()
    assert sum("\t" in line for line in lines) == 442
    assert "six of the nine clips" in succeed("protocols", "casme2-3-mmnet")
    assert "split: leave-one-dataset-out" in succeed("protocols", "cross-dataset-au")
    assert call("protocols", "megc1066").exit_code == 2
