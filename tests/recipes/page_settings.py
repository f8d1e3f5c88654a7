"""What the snippets of a page take for granted: files and names, which stand in the prose only."""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from keras_ma2mi.evaluation import protocol
from ma2mi_preprocessing.datasets.manifest import read_manifest, write_manifest
from ma2mi_preprocessing.synthesis import render_clip, synthesize
from ma2mi_recipes import ma2mi_benchmark, shifts_benchmark
from ma2mi_recipes.ma2mi_benchmark import Plan, RenderedSet
from tests.pages import ROOT, blocks_of

Names = dict[str, Any]

TINY = Plan(
    "tiny",
    macro=RenderedSet("macro", 1, 5, seed=1, style="plain", fps=10.0),
    micro=RenderedSet("micro", 2, 5, seed=2, style="plain", fps=20.0),
    methods=("scratch",),
    branches=("both",),
    fractions=(1.0,),
    seeds=(0,),
    size=32,
    epochs=1,
    pretraining_epochs=1,
    pairs_per_clip=2,
    baselines=False,
)


def evaluation(patch: pytest.MonkeyPatch) -> Names:
    """The table that the page shows above."""
    (table,) = (b for b in blocks_of(ROOT / "docs" / "evaluation.md") if b.language == "csv")
    Path("theirs.csv").write_text(table.text)
    return {}


def evaluation_protocols(patch: pytest.MonkeyPatch) -> Names:
    """Columns of a store that holds the protocol's clips, and predictions of action units."""
    members = protocol("megc2019").members()
    Path("predictions.csv").write_text(
        "clip_id,subject,label_AU4,prediction_AU4\na,s1,1,1\nb,s1,0,1\nc,s2,1,1\nd,s3,0,0\n"
    )
    return {
        "clip_ids": list(members),
        "subjects": [clip.rpartition("/")[0] for clip in members],
        "datasets": [clip.partition("/")[0] for clip in members],
        "labels": list(members.values()),
    }


def spotting(patch: pytest.MonkeyPatch) -> Names:
    """Aligned faces that move once."""
    return {"frames": render_clip("micro", size=64).frames}


def does_ma2mi_help(patch: pytest.MonkeyPatch) -> Names:
    """The quick plan takes minutes: the same code on the smallest one."""
    patch.setattr(ma2mi_benchmark, "QUICK_PLAN", TINY)
    return {}


def experiments(patch: pytest.MonkeyPatch) -> Names:
    """As for `does_ma2mi_help`; naive transfer leaves one person of two out."""
    two = dataclasses.replace(TINY, macro=dataclasses.replace(TINY.macro, subjects=2))
    patch.setattr(ma2mi_benchmark, "FULL_PLAN", two)
    return {}


def shifts(patch: pytest.MonkeyPatch) -> Names:
    """As for `does_ma2mi_help`."""
    tiny = dataclasses.replace(
        shifts_benchmark.QUICK_SHIFTS,
        plan=TINY,
        fine_tuning_styles=("plain",),
        test_subjects=1,
        test_clips_per_subject=5,
    )
    patch.setattr(shifts_benchmark, "QUICK_SHIFTS", tiny)
    return {}


def clusters(patch: pytest.MonkeyPatch) -> Names:
    """A cluster of this machine in the place of one that SLURM starts, and two clips."""
    distributed = pytest.importorskip("distributed")

    class SLURMCluster(distributed.LocalCluster):  # type: ignore[misc, name-defined]
        def __init__(self, *, queue: str, cores: int, memory: str, **options: Any) -> None:
            assert {"walltime", "processes", "worker_extra_args"} <= set(options)
            super().__init__(n_workers=1, threads_per_worker=1, dashboard_address=None)

        def adapt(self, minimum: int, maximum: int) -> None:
            assert minimum <= maximum

    jobqueue = ModuleType("dask_jobqueue")
    jobqueue.SLURMCluster = SLURMCluster  # type: ignore[attr-defined]
    patch.setitem(sys.modules, "dask_jobqueue", jobqueue)
    synthesize("macro", Path("shared") / "dfew", subjects=1, clips_per_subject=2, size=96)
    manifest = Path("shared") / "dfew" / "manifest.csv"
    write_manifest(read_manifest(manifest), manifest)
    return {"__name__": "__main__"}


SETTINGS: dict[str, Callable[[pytest.MonkeyPatch], Names]] = {
    "docs/clusters.md": clusters,
    "docs/does_ma2mi_help.md": does_ma2mi_help,
    "docs/evaluation.md": evaluation,
    "docs/evaluation_protocols.md": evaluation_protocols,
    "docs/shifts.md": shifts,
    "docs/experiments.md": experiments,
    "docs/spotting.md": spotting,
}
