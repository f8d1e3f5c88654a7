from pathlib import Path

import pytest

from ma2mi_preprocessing.synthesis import synthesize
from tests.preprocessing.synthesis.rendered_sets import SMALL


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of `SMALL` and seed 3; only to be read."""
    out = tmp_path_factory.mktemp("rendered") / "set"
    synthesize("macro", out, **SMALL, seed=3)
    return out
