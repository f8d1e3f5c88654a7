"""Known errors of published annotations."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.annotation_table import AnnotationRow
from ma2mi_preprocessing.datasets.errata import Errata, Erratum, known_errata
from tests.preprocessing.datasets.fake_datasets import write_frames, write_sheet
from tests.preprocessing.datasets.test_casme2_and_samm import SAMM_HEADER

LINE = Erratum("d", "s1", "a", "", "offset", "", "91", "reason", "source")


def row(**cells: str) -> AnnotationRow:
    return AnnotationRow(7, {"filename": "a", "onset": "10", "apex": "20"} | cells)


@pytest.mark.parametrize("offset", ["", "/", "0", "15", "x"])
def test_value_that_is_missing_or_cannot_be_is_replaced_and_reported(offset: str) -> None:
    mended, (repair,) = Errata([LINE]).mend(row(offset=offset), "S1", "d/s1/a")
    assert mended["offset"] == "91"
    assert (repair.row, repair.clip_id, repair.column) == (7, "d/s1/a", "offset")
    assert (repair.old, repair.new, repair.reason) == (offset, "91", "reason (source)")


def test_sound_value_is_kept_and_the_doubt_reported() -> None:
    mended, (repair,) = Errata([LINE]).mend(row(offset="40"), "s1", "d/s1/a")
    assert mended["offset"] == "40"
    assert (repair.old, repair.new) == ("40", "40")
    assert "sound here, so kept" in repair.reason


def test_value_that_is_right_already_is_not_mentioned() -> None:
    assert Errata([LINE]).mend(row(offset="91"), "s1", "d/s1/a") == (row(offset="91"), [])


def test_published_wrong_value_is_replaced_though_it_looks_sound() -> None:
    line = Erratum("d", "s1", "a", "", "action_units", "L12 or L14", "L14", "reason", "source")
    mended, repairs = Errata([line]).mend(row(action_units="L12  or L14"), "s1", "d/s1/a")
    assert (mended["action_units"], len(repairs)) == ("L14", 1)


@pytest.mark.parametrize(
    ("subject", "cells"), [("s2", {}), ("s1", {"filename": "b"}), ("s1", {"onset": "11"})]
)
def test_another_row_is_left_alone(subject: str, cells: dict[str, str]) -> None:
    line = Erratum("d", "s1", "a", "10", "offset", "", "91", "reason", "source")
    other = row(offset="", **cells)
    assert Errata([line]).mend(other, subject, "x") == (other, [])


def test_every_known_error_names_a_dataset_a_field_and_its_source() -> None:
    assert len(known_errata()) > 10
    for line in known_errata():
        assert line.dataset in ADAPTERS
        assert line.field in {"onset", "apex", "offset", "action_units", "label"}
        assert line.subject and line.filename and line.new and line.reason and line.source
    keys = [
        (line.dataset, line.subject, line.filename, line.onset, line.field)
        for line in known_errata()
    ]
    assert len(keys) == len(set(keys))


def samm(root: Path) -> Path:
    write_frames(root / "SAMM" / "028" / "028_4_1", "028_{:05d}.jpg", range(1071, 1135))
    line = ("028", "028_4_1", 4, 1071, 1167, 1134, 64, "Micro - 1/2", "A14C", "Contempt", 7, "")
    write_sheet(root / "SAMM_Micro_FACS_Codes_v2.xlsx", [SAMM_HEADER, line])
    return root


def test_repairs_can_be_switched_off(tmp_path: Path) -> None:
    samm(tmp_path)
    (with_them,) = ADAPTERS["samm"].read(tmp_path).clips
    (without,) = ADAPTERS["samm"].read(tmp_path, repairs=False).clips
    assert (with_them.apex, with_them.apex_source) == (1105 - 1071, "repaired")
    assert (without.apex, without.apex_source) == ((1071 + 1134) // 2 - 1071, "midpoint")
