"""Pictures of where action encoders respond to the movements of a video."""

from collections.abc import Sequence
from pathlib import Path

from ma2mi_preprocessing.flow_colour import flow_to_colour
from ma2mi_recipes.action_responses import RespondedEvent
from ma2mi_recipes.pictures import overlay_heat_map


def draw_responses(events: Sequence[RespondedEvent], title: str, path: Path) -> None:
    """Draws a row a movement: onset, apex, measured flow, and a map a network over the apex.

    Each map is stretched on its own, from no response to its strongest.

    Args:
        events: One or more, of the same networks.
        title: Above all rows.
        path: PNG file.
    """
    from matplotlib.figure import Figure

    columns = 3 + len(events[0].responses)
    figure = Figure(figsize=(2.3 * columns, 0.5 + 2.5 * len(events)), layout="constrained")
    all_axes = figure.subplots(len(events), columns, squeeze=False)
    for axes, one in zip(all_axes, events, strict=True):
        said = one.as_json()
        shown = [
            (one.onset_face, f"onset, frame {one.event.onset}"),
            (one.apex_face, f"apex, frame {one.event.apex}"),
            (flow_to_colour(one.flow), f"flow, largest {said['largest_flow']:.2f} px"),
            *(
                (overlay_heat_map(one.apex_face, response), name)
                for name, response in one.responses.items()
            ),
        ]
        for place, (image, words) in zip(axes, shown, strict=True):
            place.imshow(image)
            place.set_title(words, fontsize=8)
            place.axis("off")
    figure.suptitle(title, fontsize=10)
    figure.savefig(path, dpi=110, format="png")
