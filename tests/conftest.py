"""Fixtures shared by every test folder."""

import os
from pathlib import Path

import numpy as np
import pytest

_REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder with `faces/` and `models/`: real videos that are not part of the project."""
    folder = Path(os.environ.get("MA2MI_TEST_DATA", _REPOSITORY.parent / "shared" / "data"))
    if not (folder / "faces").is_dir():
        pytest.skip(f"no real face videos at {folder}; set MA2MI_TEST_DATA to a folder with faces/")
    return folder
