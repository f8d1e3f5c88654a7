"""Shards written without Zarr's machinery are those that Zarr reads and writes."""

from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.store_shards import crc32c, write_shard


def test_checksum_is_the_one_of_the_specification() -> None:
    # Check value of CRC-32C in RFC 3720, B.4: 32 bytes of zeros, of ones, and ascending.
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E


@settings(max_examples=20, deadline=None)
@given(items=st.integers(1, 7), seed=st.integers(0, 1000), plain=st.booleans())
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_zarr_reads_every_item(
    tmp_path_factory: pytest.TempPathFactory,
    dtype: type[np.generic],
    items: int,
    seed: int,
    plain: bool,
) -> None:
    folder: Path = tmp_path_factory.mktemp("group")
    random = np.random.default_rng(seed)
    array = (random.normal(size=(items, 5, 6, 2)) * (0 if plain else 40)).astype(dtype)
    write_shard(zarr.create_group(str(folder), zarr_format=3), folder, "a", array)
    found = zarr.open_array(str(folder / "a"), mode="r")
    np.testing.assert_array_equal(found[:], array)
    np.testing.assert_array_equal(found[items // 2], array[items // 2])
    assert found.dtype == array.dtype
    assert found.chunks == (1, 5, 6, 2)


def test_file_is_the_one_that_zarr_writes(tmp_path: Path, rng: np.random.Generator) -> None:
    array = rng.integers(0, 256, (9, 24, 24, 3), np.uint8)
    group = zarr.create_group(str(tmp_path), zarr_format=3)
    write_shard(group, tmp_path, "ours", array)
    metadata = group["ours"].metadata.to_dict()
    theirs = group.create_array(
        "theirs", shape=array.shape, dtype=array.dtype, chunks=(1, 24, 24, 3), shards=array.shape,
        compressors=group["ours"].compressors,
    )  # fmt: skip
    theirs[:] = array
    assert theirs.metadata.to_dict() == metadata
    chunk = Path("c/0/0/0/0")
    ours = (tmp_path / "ours" / chunk).read_bytes()
    assert len(ours) == len((tmp_path / "theirs" / chunk).read_bytes())


def test_damaged_index_is_noticed(tmp_path: Path, rng: np.random.Generator) -> None:
    array = rng.integers(0, 256, (4, 8, 8, 3), np.uint8)
    write_shard(zarr.create_group(str(tmp_path), zarr_format=3), tmp_path, "a", array)
    chunk = tmp_path / "a/c/0/0/0/0"
    content = bytearray(chunk.read_bytes())
    content[-10] ^= 1
    chunk.write_bytes(content)
    with pytest.raises(ValueError, match="checksum"):
        _ = zarr.open_array(str(tmp_path / "a"), mode="r")[0]
