"""What every test of the Keras stack needs."""

import os

# Tests compile hundreds of tiny programs and run each once: compiling well costs more than it
# saves. Read when JAX is first imported, so it must be set before.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")

import keras
import pytest


@pytest.fixture(autouse=True)
def _same_weights_in_every_run() -> None:
    keras.utils.set_random_seed(0)
