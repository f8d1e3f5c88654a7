"""Options of `keras-ma2mi preprocess` reach the clips."""

from pathlib import Path

from ma2mi_preprocessing.store import open_store
from tests.recipes.conftest import Chain, call, succeed


def test_longest_clip_is_as_long_as_asked_for(chain: Chain, tmp_path: Path) -> None:
    (subject, *_) = sorted((chain.clips / "macro" / "frames").iterdir())
    common = ("--size", 32, "--detector", "none", "--workers", 1)
    store = tmp_path / "s"
    succeed("preprocess", subject, store, *common, "--max-frames", 7)
    opened = open_store(store)
    assert {opened.read(clip_id).frames.shape[0] for clip_id in opened.clip_ids} == {7}
    refused = call("preprocess", subject, store, *common, "--max-frames", 1)
    assert refused.exit_code == 2
