import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.network_arguments import network_arguments

KNOWN = {"head", "code_units", "filters", "motion_floor", "dropout"}


def test_arguments_are_read_as_json_and_else_as_text() -> None:
    texts = ["head=code", "code-units=24", "filters=[4, 8]", "motion_floor=null", "dropout=0.5"]
    assert network_arguments(texts, KNOWN) == {
        "head": "code",
        "code_units": 24,
        "filters": [4, 8],
        "motion_floor": None,
        "dropout": 0.5,
    }


@pytest.mark.parametrize("texts", [["head"], ["=3"], ["a b=3"], ["head=code", "head=pool"]])
def test_what_is_no_argument_is_refused(texts: list[str]) -> None:
    with pytest.raises(InputError, match="--network"):
        network_arguments(texts, KNOWN)


def test_an_unknown_argument_is_one_line() -> None:
    from ma2mi_recipes.networks import build_network

    with pytest.raises(InputError, match="there is no argument hat"):
        build_network("miacnet_tiny", 64, "flow", 3, network=("hat=red",))
