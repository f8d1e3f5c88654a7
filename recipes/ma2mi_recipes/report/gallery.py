"""Which heat maps are shown: right and wrong answers evenly, spread over classes and subjects."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ma2mi_recipes.report.runs import HeatMap

_MOST_SHOWN, _MOST_OF_A_UNIT = 12, 4
Item = TypeVar("Item")


def most_shown(units: int = 0) -> int:
    """How many heat maps of a run stand on a page.

    Args:
        units: How many action units the run predicts; 0 for one that predicts classes.
    """
    return max(_MOST_SHOWN, _MOST_OF_A_UNIT * units)


def hits_and_misses(
    heat_maps: Sequence[HeatMap], most: int = _MOST_SHOWN
) -> tuple[list[HeatMap], list[HeatMap]]:
    """The right and the wrong answers to show, at most `most` together."""
    chosen = evenly(list(heat_maps), lambda one: one.hit, lambda one: one.label, most)
    return [one for one in chosen if one.hit], [one for one in chosen if not one.hit]


def evenly(
    items: Sequence[Item],
    is_hit: Callable[[Item], bool],
    label: Callable[[Item], str],
    most: int | None,
) -> list[Item]:
    """At most `most` items, as many hits as misses where there are enough of both.

    Inside either half the classes take turns, and of a class the items are taken at even distances,
    so that the first subjects in the alphabet do not stand for all.
    """
    if most is None or most >= len(items):
        return list(items)
    hits = [item for item in items if is_hit(item)]
    misses = [item for item in items if not is_hit(item)]
    wrong = min(len(misses), max(most // 2, most - len(hits)))
    return [*_spread(hits, label, most - wrong), *_spread(misses, label, wrong)]


def _spread(items: Sequence[Item], label: Callable[[Item], str], most: int) -> list[Item]:
    by_class: dict[str, list[Item]] = {}
    for item in items:
        by_class.setdefault(label(item), []).append(item)
    counts = dict.fromkeys(sorted(by_class), 0)
    left = min(most, len(items))
    while left:
        for name in counts:
            if left and counts[name] < len(by_class[name]):
                counts[name] += 1
                left -= 1
    return [item for name, count in counts.items() for item in _apart(by_class[name], count)]


def _apart(items: Sequence[Item], count: int) -> list[Item]:
    return [items[(2 * number + 1) * len(items) // (2 * count)] for number in range(count)]
