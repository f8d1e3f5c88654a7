"""Size and cost of each preset, computed and not written down."""

from typing import Any

from keras_ma2mi.models.miacnet import MIACNet
from keras_ma2mi.models.multiply_adds import count_multiply_adds
from keras_ma2mi.models.presets import PRESETS


def preset_table(num_classes: int = 3) -> list[dict[str, Any]]:
    """Returns one row for each preset: what it takes, and what it costs.

    Args:
        num_classes: int. Number of classes of the head. Defaults to `3`.

    Returns:
        A list of dicts: `name`, `description`, `input_size`, `inputs` (their names), `map_shape`
        (height, width and channels of the fused map), `parameters` (all weights, the statistics of
        batch normalisation too), and `multiply_adds` of one sample, see `count_multiply_adds`.

    Example:

    ```python
    pandas.DataFrame(keras_ma2mi.models.preset_table())
    ```
    """
    rows = []
    for name, preset in PRESETS.items():
        model = MIACNet.from_preset(name, num_classes)
        rows.append(
            {
                "name": name,
                "description": preset["description"],
                "input_size": preset["config"]["input_size"],
                "inputs": model.input_keys,
                "map_shape": tuple(model.maps.output["fused"].shape[1:]),
                "parameters": model.count_params(),
                "multiply_adds": count_multiply_adds(model),
            }
        )
    return rows
