"""How figures are written, in the report and in the terminal alike."""

METRIC_NAMES = {"accuracy": "Accuracy", "uf1": "UF1", "uar": "UAR"}
MEAN_F1 = "mean_f1"
SIGNIFICANCE = 0.05


def figure(value: float | None) -> str:
    """A share as three decimals."""
    return "n/a" if value is None else f"{value:.3f}"


def interval(low: float | None, high: float | None) -> str:
    """A 95 % interval in brackets, or a dash where there is none."""
    if low is None or high is None or low != low or high != high:
        return "no interval"
    return f"[{low:.2f}, {high:.2f}]"


def difference(value: float) -> str:
    """A signed difference; the minus sign is typographic, as wide as the plus."""
    text = f"{value:+.3f}"
    return "0.000" if float(text) == 0 else text.replace("-", "−")


def difference_interval(low: float, high: float) -> str:
    """The interval of a difference."""
    if low != low or high != high:
        return "no interval"
    return f"[{low:+.2f}, {high:+.2f}]".replace("-", "−")


def p_value(value: float) -> str:
    """A p-value with its sign of relation, never written as zero, that no line break splits."""
    return "p\u00a0<\u00a00.001" if value < 0.001 else f"p\u00a0=\u00a0{value:.3f}"


def holm(value: float) -> str:
    """A p-value after Holm's correction, as short as a narrow table needs it."""
    return "Holm\u00a0<\u00a00.001" if value < 0.001 else f"Holm\u00a0{value:.3f}"


def plural(count: int, noun: str) -> str:
    """`1 clip`, `2 clips`, `2 classes`."""
    ending = "es" if noun.endswith("s") else "s"
    return f"{count:,} {noun}{'' if count == 1 else ending}"


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
