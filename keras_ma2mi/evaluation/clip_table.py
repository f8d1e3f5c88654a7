"""The columns of a manifest or store that a protocol looks at, checked and in one form."""

from collections.abc import Sequence
from dataclasses import dataclass

from keras_ma2mi.evaluation.confusion import quoted

MACRO = "/macro/"


@dataclass(frozen=True)
class ClipTable:
    """Clips by their annotation, one entry a clip in every column.

    Args:
        clip_ids: names, all different.
        subjects: with their dataset's name, `casme2/sub01`.
        datasets: as annotated, else the first part of the clip's name.
        labels: lower case; empty where there is none.
        action_units: cells of the manifest; None where nobody gave them.
    """

    clip_ids: tuple[str, ...]
    subjects: tuple[str, ...]
    datasets: tuple[str, ...]
    labels: tuple[str, ...]
    action_units: tuple[str, ...] | None

    def __len__(self) -> int:
        return len(self.clip_ids)

    @classmethod
    def of(
        cls,
        clip_ids: Sequence[str],
        subjects: Sequence[str],
        datasets: Sequence[str],
        labels: Sequence[str | None],
        action_units: Sequence[str | None] | None = None,
    ) -> "ClipTable":
        """Checks the columns, and brings subjects and labels into one form.

        Raises:
            ValueError: if the columns differ in length, or a clip is named twice.
        """
        columns = [clip_ids, subjects, datasets, labels]
        columns += [] if action_units is None else [action_units]
        lengths = [len(column) for column in columns]
        if len(set(lengths)) > 1:
            raise ValueError(f"the columns must be equally long. Received: lengths={lengths}")
        ids = [str(clip) for clip in clip_ids]
        repeated = sorted({clip for clip in ids if ids.count(clip) > 1}) if _repeats(ids) else []
        if repeated:
            raise ValueError(f"`clip_ids` must not repeat a clip. Received: {quoted(repeated)}")
        named = [
            _text(dataset) or clip.partition("/")[0]
            for clip, dataset in zip(ids, datasets, strict=True)
        ]
        return cls(
            clip_ids=tuple(ids),
            subjects=tuple(map(_with_dataset, subjects, named)),
            datasets=tuple(named),
            labels=tuple(_text(label).lower() for label in labels),
            action_units=None if action_units is None else tuple(map(_text, action_units)),
        )

    def is_macro(self, row: int) -> bool:
        """Whether the clip is a macro-expression of a dataset that has both."""
        return MACRO in self.clip_ids[row]


def _repeats(names: Sequence[str]) -> bool:
    return len(set(names)) < len(names)


def _text(value: object) -> str:
    # Missing values of pandas: NaN is not itself, and NA has no truth value.
    missing = value is None or type(value).__name__ == "NAType" or value != value
    return "" if missing else str(value).strip()


def _with_dataset(subject: object, dataset: str) -> str:
    name = _text(subject)
    return name if not name or name.startswith(f"{dataset}/") else f"{dataset}/{name}"
