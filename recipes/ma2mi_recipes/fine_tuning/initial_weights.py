"""The initial weights of a seed, whatever else the process does."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def layers_drawn_from(seed: int) -> Iterator[None]:
    """Layers that this thread builds in the block get the weights of the seed.

    They are those that follow `keras.utils.set_random_seed(seed)`. That function is not used,
    because TensorFlow then throws away all that it has compiled, and because Keras takes the seeds
    of new layers from Python's `random`, which other threads (those of a Dask worker) draw from
    as well.
    """
    own, here, shared = random.Random(seed), threading.get_ident(), random.randint

    def randint(a: int, b: int) -> int:
        return own.randint(a, b) if threading.get_ident() == here else shared(a, b)

    random.randint = randint
    try:
        yield
    finally:
        random.randint = shared
