"""The clips of the benchmark: rendered, and preprocessed into stores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ma2mi_preprocessing.datasets.manifest import Clip, read_manifest
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.pipeline import PreprocessOptions, preprocess
from ma2mi_preprocessing.synthesis import synthesize
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition
from ma2mi_recipes.ma2mi_benchmark.keys import folder_name, key_of
from ma2mi_recipes.ma2mi_benchmark.plan import Plan, RenderedSet
from ma2mi_recipes.ma2mi_benchmark.true_motion import Rendering

_OVERSAMPLING = 2


def micro_store(plan: Plan, out: Path) -> Path:
    """Where the clips lie that are fine-tuned on."""
    return _store(out, plan.micro, micro_preprocessing(plan))


def macro_store(plan: Plan, out: Path, condition: Condition) -> Path:
    """Where the clips lie that a condition is pre-trained on."""
    return _store(out, plan.macro, macro_preprocessing(plan, condition.preprocessing))


def micro_rendering(plan: Plan) -> Rendering:
    """What they were rendered as."""
    return Rendering(plan.micro, _OVERSAMPLING * micro_preprocessing(plan).size)


def micro_preprocessing(plan: Plan) -> PreprocessOptions:
    """Flow from onset to apex."""
    usual = PreprocessOptions(size=plan.size, pairs="key", detector="none")
    return replace(usual, **plan.preprocessing)


def macro_preprocessing(plan: Plan, changes: Mapping[str, Any]) -> PreprocessOptions:
    """Flow between frames a short time apart; that of the key frames is computed when read."""
    usual = PreprocessOptions(
        size=plan.size, pairs="gap", pairs_per_clip=plan.pairs_per_clip, detector="none"
    )
    return replace(usual, **{**plan.preprocessing, **changes})


def make_stores(
    plan: Plan,
    conditions: Sequence[Condition],
    out: Path,
    workers: int,
    on_step: Callable[[str, int, int], None],
) -> None:
    """Renders and preprocesses what the conditions need; what is there is left as it is.

    Raises:
        InputError: Where a clip could not be used: figures of fewer clips would not be those of
            the plan.
    """
    wanted = [(plan.micro, micro_preprocessing(plan))]
    for condition in conditions:
        if condition.pretraining is not None:
            wanted.append((plan.macro, macro_preprocessing(plan, condition.preprocessing)))
    jobs = {_store(out, rendered, options): (rendered, options) for rendered, options in wanted}
    sets = {
        _clips(out, rendered, options.size): (rendered, options.size)
        for rendered, options in jobs.values()
    }
    _render(sets, workers, on_step)
    on_step("preprocessing", 0, len(jobs))
    for number, (store, (rendered, options)) in enumerate(jobs.items(), start=1):
        found = read_manifest(_clips(out, rendered, options.size) / "manifest.csv")
        summary = preprocess(found, store, options, workers=workers, contact_sheets=False)
        if summary.stored + summary.kept < len(found):
            raise InputError(
                f"{len(found) - summary.stored - summary.kept} of {len(found)} rendered clips "
                f"cannot be used; see {store / 'rejected.csv'}"
            )
        on_step("preprocessing", number, len(jobs))


def _render(
    sets: Mapping[Path, tuple[RenderedSet, int]],
    workers: int,
    on_step: Callable[[str, int, int], None],
) -> None:
    total = sum(rendered.subjects * rendered.clips_per_subject for rendered, _ in sets.values())
    done = 0
    on_step("rendering", done, total)

    def on_clip(_: Clip) -> None:
        nonlocal done
        done += 1
        on_step("rendering", done, total)

    # Those that are there too: pictures of another version of the renderer are refused.
    for folder, (rendered, size) in sets.items():
        synthesize(
            rendered.kind,
            folder,
            subjects=rendered.subjects,
            clips_per_subject=rendered.clips_per_subject,
            size=_OVERSAMPLING * size,
            fps=rendered.fps,
            seed=rendered.seed,
            style=rendered.style,
            workers=workers,
            on_clip=on_clip,
        )


def _clips(out: Path, rendered: RenderedSet, size: int) -> Path:
    key = key_of(rendered, size)
    return out / "clips" / folder_name(f"{rendered.kind}-{rendered.seed}", key)


def _store(out: Path, rendered: RenderedSet, options: PreprocessOptions) -> Path:
    key = key_of(rendered, options)
    return out / "stores" / folder_name(f"{rendered.kind}-{rendered.seed}", key)
