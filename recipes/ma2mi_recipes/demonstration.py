"""The stages one after the other on rendered clips; each leaves what it made where it is."""

from pathlib import Path

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.pipeline import PreprocessOptions
from ma2mi_recipes.commands.explain import run_explain
from ma2mi_recipes.commands.preprocess import print_summary, run_preprocess
from ma2mi_recipes.commands.pretrain import run_pretrain
from ma2mi_recipes.commands.synthesize import Amplitude, run_synthesize
from ma2mi_recipes.commands.train import run_train
from ma2mi_recipes.evaluation_stage import ReportExtras, evaluate_runs
from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.packaged_runs import start_run
from ma2mi_recipes.pretraining import PretrainOptions
from ma2mi_recipes.pretraining_recipes import with_recipe
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.started_network import fitted_to_start

FRAME_SIZE = 64
MACRO_SUBJECTS, MACRO_CLIPS = 16, 4
MICRO_SUBJECTS, MICRO_CLIPS = 10, 8
PRETRAIN_EPOCHS, TRAIN_EPOCHS = 16, 20
MOVED_FRAMES = (0, 2, 5, 10)


WEIGHTS = "miacnet_tiny_rendered"


def run_demo(out: Path, workers: int | None, seed: int, pretrain: bool = False) -> Path:
    """Runs every stage that `out` does not hold yet.

    Args:
        out: Folder for everything.
        workers: Processes that preprocess.
        seed: Of clips, pre-training and training.
        pretrain: Whether to pre-train on macro clips; otherwise MA2MI starts from weights of the
            package, which show other people.

    Returns:
        The report's path.
    """
    kinds = [Amplitude.macro, Amplitude.micro] if pretrain else [Amplitude.micro]
    _render(out, kinds, seed)
    stores = {kind: out / f"{kind}.store" for kind in kinds}
    for kind in kinds:
        pairs = "gap" if kind is Amplitude.macro else "key"
        options = PreprocessOptions(size=FRAME_SIZE, pairs=pairs, pairs_per_clip=12, seed=seed)
        manifest = out / "clips" / kind / "manifest.csv"
        summary = run_preprocess(manifest, stores[kind], options, workers)
        print_summary(summary, stores[kind])
        if summary.stored + summary.kept == 0:
            raise InputError(
                f"no clip of {manifest} could be used; see {stores[kind] / 'rejected.csv'}"
            )
    ma2mi = WEIGHTS
    if pretrain:
        ma2mi = str(out / "runs" / "pretrained")
        pretraining = with_recipe(PretrainOptions(epochs=PRETRAIN_EPOCHS))
        run_pretrain(stores[Amplitude.macro], Path(ma2mi), pretraining, seed)
    # The baseline first: differences are then what pre-training adds.
    runs = {"scratch": None, "ma2mi": ma2mi}
    for name, start in runs.items():
        options_of_run = TrainOptions(
            epochs=TRAIN_EPOCHS, pretrained=start, key_frames=MOVED_FRAMES
        )
        if start is not None:
            options_of_run = fitted_to_start(options_of_run, start_run(start).info)
        run = out / "runs" / name
        # Over the same clips and folds baselines are the same for both runs.
        run_train(stores[Amplitude.micro], run, options_of_run, [seed], baselines=start is None)
        run_explain(RunDirectory.open(run, "train"), None, most=8)
    return evaluate_runs(
        [out / "runs" / name for name in runs],
        out / "report.html",
        ReportExtras(
            title="keras-ma2mi demo on rendered clips",
            pictures=_sheets(stores[Amplitude.micro]),
            next_steps=[
                "keras-ma2mi index videos YOUR_VIDEOS/ clips.csv",
                "keras-ma2mi preprocess clips.csv my.store",
                "keras-ma2mi pretrain my.store runs/my-pretraining",
                "keras-ma2mi train labelled.store runs/mine --pretrained runs/my-pretraining",
            ],
        ),
    )


def _render(out: Path, kinds: list[Amplitude], seed: int) -> None:
    plans = {
        Amplitude.macro: (MACRO_SUBJECTS, MACRO_CLIPS),
        Amplitude.micro: (MICRO_SUBJECTS, MICRO_CLIPS),
    }
    for kind in kinds:
        subjects, clips = plans[kind]
        folder = out / "clips" / kind
        if not (folder / "manifest.csv").is_file():
            run_synthesize(kind, folder, subjects, clips, 2 * FRAME_SIZE, seed)


def _sheets(store: Path, most: int = 3) -> list[tuple[str, bytes]]:
    sheets = sorted((store / "contact_sheets").rglob("*.jpg"))
    step = max(1, len(sheets) // most)
    return [(sheet.stem, sheet.read_bytes()) for sheet in sheets[::step][:most]]
