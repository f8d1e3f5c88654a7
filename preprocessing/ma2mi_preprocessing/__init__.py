"""Face videos to aligned faces, TV-L1 optical flow and frame differences; needs no Keras."""

import lazy_loader as _lazy

if __name__ != "ma2mi_preprocessing":
    # `preprocessing/` is a source root: imported from the repository's top under another name,
    # every class would exist twice and `except InputError` would miss its own errors.
    raise ImportError(f"import `ma2mi_preprocessing`, not `{__name__}`")

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
