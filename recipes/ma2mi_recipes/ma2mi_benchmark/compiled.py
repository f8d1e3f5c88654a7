"""One compiled network at a time, for all that it can serve."""

from ma2mi_recipes.fine_tuning import TrainOptions, build_classifier
from ma2mi_recipes.fine_tuning.classifiers import FoldClassifier, StartsElsewhere
from ma2mi_recipes.fine_tuning.options import compiled_alike
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.ma2mi_benchmark.keys import key_of


class CompiledClassifier:
    """Keeps the classifier that was used last: compiling takes longer than most fits."""

    def __init__(self) -> None:
        self._kept: tuple[str, FoldClassifier] | None = None

    def begin(self, clips: LabelledClips, options: TrainOptions, seed: int) -> FoldClassifier:
        """The classifier of the options as it begins under a seed.

        It gives what one built anew would give, whatever was fitted before.

        Args:
            clips: Their size and classes shape the network.
            options: How it will be fitted.
            seed: Draws the initial weights.
        """
        key = key_of(clips.size, clips.classes, compiled_alike(options))
        if self._kept is not None and self._kept[0] == key:
            classifier = self._kept[1]
            if isinstance(classifier, StartsElsewhere):
                classifier.start_from(options, seed)
            return classifier
        # Let go of the old one first: two compiled networks need twice the memory.
        self._kept = None
        classifier = build_classifier(clips, options, seed)
        self._kept = key, classifier
        return classifier
