"""The manifest: what is written is read back, and what is wrong is named by row and column."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.datasets.manifest import (
    COLUMNS,
    Clip,
    index_manifest,
    manifest_table,
    read_manifest,
    write_manifest,
)
from ma2mi_preprocessing.errors import InputError

# Control characters and surrogates cannot be cells of a CSV; a cell's outer blanks are stripped.
TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda text: not text.startswith("/")
)


@st.composite
def clips(draw: st.DrawFn) -> list[Clip]:
    names = draw(st.lists(TEXT, unique=True, min_size=1, max_size=5))
    made = []
    for index, name in enumerate(names):
        keys = sorted(draw(st.lists(st.integers(0, 9999), min_size=3, max_size=3)))
        annotated = draw(st.booleans())
        made.append(
            Clip(
                clip_id=name,
                source=Path(f"clips/{index}.mp4"),
                dataset=draw(st.sampled_from(["", "casme2"])),
                kind=draw(st.sampled_from(["video", "frames", "motion"])),
                onset=keys[0] if annotated else None,
                apex=keys[1] if annotated else None,
                offset=keys[2] if annotated else None,
                apex_source="annotated" if annotated else "",
                fps=draw(st.none() | st.floats(1, 1000)),
                label=draw(st.none() | TEXT),
                action_units=draw(st.sampled_from(["", "AU4+AU7"])),
            )
        )
    return made


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@settings(max_examples=25, deadline=None)
@given(written=clips())
def test_what_is_written_is_read_back(
    suffix: str, written: list[Clip], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("manifest") / f"m.{suffix}"
    write_manifest(written, path)
    read = read_manifest(path)
    expected = [
        Clip(**{**vars(clip), "source": path.parent / clip.source}) for clip in _absolute(written)
    ]
    assert read == expected


def _absolute(clips: list[Clip]) -> list[Clip]:
    return [Clip(**{**vars(clip), "source": clip.source.absolute()}) for clip in clips]


def test_sources_below_the_manifest_move_with_it(tmp_path: Path) -> None:
    clip = Clip("a", tmp_path / "old" / "videos" / "a.mp4")
    write_manifest([clip], tmp_path / "old" / "m.csv")
    (tmp_path / "old").rename(tmp_path / "new")
    assert read_manifest(tmp_path / "new" / "m.csv")[0].source == tmp_path / "new/videos/a.mp4"


def test_sources_elsewhere_stay_where_they_are(tmp_path: Path) -> None:
    clip = Clip("a", tmp_path / "videos" / "a.mp4")
    write_manifest([clip], tmp_path / "tables" / "m.csv")
    assert read_manifest(tmp_path / "tables" / "m.csv")[0].source == clip.source


def test_only_source_is_required(tmp_path: Path) -> None:
    table = write(tmp_path, "source\nvideos/a.mp4\nmotion/b.npz\n")
    first, second = read_manifest(table)
    assert (first.clip_id, first.kind, first.onset, first.label) == ("a", "video", None, None)
    assert (second.clip_id, second.kind) == ("b", "motion")


def test_subjects_carry_their_dataset_so_pooling_merges_nobody(tmp_path: Path) -> None:
    table = write(
        tmp_path, "source,dataset,subject\na.mp4,casme2,01\nb.mp4,samm,01\nc.mp4,samm,samm/02\n"
    )
    assert [clip.subject for clip in read_manifest(table)] == ["casme2/01", "samm/01", "samm/02"]


def test_clips_of_one_long_video_are_told_apart_by_onset(tmp_path: Path) -> None:
    table = write(tmp_path, "source,onset\nlong.mp4,10\nlong.mp4,90\n")
    assert [clip.clip_id for clip in read_manifest(table)] == ["long", "long/90"]


def test_identifiers_stay_text(tmp_path: Path) -> None:
    table = write(tmp_path, "source,subject,label\na.mp4,007,NA\n")
    clip = read_manifest(table)[0]
    assert (clip.subject, clip.label) == ("007", "NA")


@pytest.mark.parametrize("text", ["", "/", "nan", "NaN", "None"])
def test_missing_frame_numbers_come_in_many_spellings(text: str, tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, f"source,apex\na.mp4,{text}\n"))[0].apex is None


def test_frame_numbers_written_by_a_spreadsheet_as_floats_are_read(tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, "source,apex\na.mp4,12.0\n"))[0].apex == 12


@pytest.mark.parametrize(
    ("header", "cells", "column", "part"),
    [
        ("onset,apex", "20,12", "onset", "onset 20 is after apex 12"),
        ("apex,offset", "20,12", "apex", "apex 20 is after offset 12"),
        ("onset,offset", "20,12", "onset", "onset 20 is after offset 12"),
        ("onset", "12.5", "onset", "12.5"),
        ("onset", "twelve", "onset", "twelve"),
        ("onset", "inf", "onset", "inf"),
        ("onset", "-1", "onset", "-1"),
        ("fps", "0", "fps", "0"),
        ("fps", "fast", "fps", "fast"),
        ("kind", "audio", "kind", "audio"),
    ],
)
def test_bad_cell_is_named_by_row_and_column(
    header: str, cells: str, column: str, part: str, tmp_path: Path
) -> None:
    table = write(tmp_path, f"source,{header}\ngood.mp4{',' * (cells.count(',') + 1)}\n"
                            f"bad.mp4,{cells}\n")  # fmt: skip
    with pytest.raises(InputError) as error:
        read_manifest(table)
    message = str(error.value)
    assert "row 3" in message
    assert f"column '{column}'" in message
    assert part in message
    assert "\n" not in message


def test_bad_rows_do_not_stop_the_others(tmp_path: Path) -> None:
    table = write(
        tmp_path,
        "source,clip_id,onset,apex\n"
        "a.mp4,one,1,2\n"
        "b.mp4,two,9,2\n"
        ",three,1,2\n"
        "d.mp4,one,1,2\n"
        "e.mp4,five,1,2\n",
    )
    result = index_manifest(table)
    assert [clip.clip_id for clip in result.clips] == ["one", "five"]
    assert [(p.row, p.column) for p in result.problems] == [
        (3, "onset"),
        (4, "source"),
        (5, "clip_id"),
    ]
    assert "row 2" in result.problems[2].reason


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("", "empty"),
        ("source,label\n", "no rows"),
        ("clip_id,file\na,b.mp4\n", "'source'"),
        ("source,label\na.mp4,x,y,z\n1,2,3,4,5,6\n", "table"),
    ],
)
def test_table_that_is_no_manifest_is_refused(content: str, part: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=part):
        read_manifest(write(tmp_path, content))


@pytest.mark.parametrize("name", ["m.csv", "m.parquet", "m.txt", "m"])
def test_file_that_is_missing_or_of_another_type_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=name):
        read_manifest(tmp_path / name)


def test_broken_parquet_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "m.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError) as error:
        read_manifest(tmp_path / "m.parquet")
    assert "\n" not in str(error.value)


def test_table_from_a_spreadsheet_with_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes("source,label\na.mp4,freude\n".encode("utf-8-sig"))
    assert read_manifest(tmp_path / "m.csv")[0].label == "freude"


def test_failed_write_leaves_the_old_manifest(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    write_manifest([Clip("a", tmp_path / "a.mp4")], path)
    before = path.read_bytes()
    with pytest.raises(AttributeError):
        write_manifest([None], path)  # type: ignore[list-item]
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.csv"]


def test_manifest_cannot_be_written_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot write"):
        write_manifest([Clip("a", tmp_path / "a.mp4")], tmp_path / "file" / "m.csv")


def test_table_has_the_columns_also_without_rows() -> None:
    table = manifest_table([])
    assert tuple(table.columns) == COLUMNS
    assert table["onset"].dtype == pd.Int64Dtype()


def write(folder: Path, text: str) -> Path:
    path = folder / "m.csv"
    path.write_text(text, encoding="utf-8")
    return path
