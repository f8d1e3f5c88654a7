"""Copies pre-trained encoder weights after checking that they fit."""

from typing import Any

# What may differ between two encoders without changing their weights.
_NO_MATTER = frozenset({"name", "dtype", "trainable", "return_attention", "drop_path", "seed"})


def copy_encoder(role: str, source: Any, target: Any) -> None:
    """Copies the weights of `source` to `target`, two built encoders of one class.

    Args:
        role: Attribute that holds the encoder, for the error message.
        source: The encoder whose weights are read.
        target: The encoder whose weights are replaced.

    Raises:
        ValueError: If class, an argument, or the number of input channels differs, or if
            `source` was never built.
    """
    if type(source) is not type(target):
        raise ValueError(
            f"`{role}` must be of class {type(target).__name__}, as in this model. "
            f"Received: {role} of class {type(source).__name__}"
        )
    theirs, ours = source.get_config(), target.get_config()
    for argument in sorted(set(ours) - _NO_MATTER):
        if theirs[argument] != ours[argument]:
            raise ValueError(
                f"`{role}` must have {argument}={ours[argument]!r}, as this model. "
                f"Received: {argument}={theirs[argument]!r}"
            )
    if not source.built:
        raise ValueError(
            f"`{role}` must be built: fit the reconstructor, or call it once. Received: {role} "
            "without weights"
        )
    for wanted, given in zip(target.weights, source.weights, strict=True):
        if tuple(wanted.shape) != tuple(given.shape):
            raise ValueError(
                f"`{role}` must take inputs of as many channels as this model "
                f"(`motion_channels`): weight {wanted.name!r} has shape {tuple(wanted.shape)} "
                f"here. Received: shape {tuple(given.shape)}"
            )
    target.set_weights(source.get_weights())


def copy_fusion_and_code(source: Any, classifier: Any) -> None:
    """Copies the fusion and the code that were trained, where the classifier has them too.

    Nothing is copied from a reconstructor without a code of the whole face, from one to a
    classifier without motion, between classifiers of other branches, nor the code to one with
    another head.

    Args:
        source: A `FutureFrameReconstructor`, another `MIACNet`, or an object that has some of
            their parts.
        classifier: A `MIACNet`.

    Raises:
        ValueError: If both have them, and they differ.
    """
    code = getattr(source, "action_code", None)
    if code is None:
        _copy_where_alike(source, classifier)
        return
    if code.units is None or classifier.branches == "position":
        return
    fusion = code.fusion
    if (fusion is not None) != (classifier.branches == "both"):
        raise ValueError(
            "`fusion` must be given to the reconstructor of a classifier with both branches, and "
            "only to that: its code is one of fused maps. Received: a reconstructor "
            f"with{'out' if fusion is None else ''} fusion, branches={classifier.branches!r}"
        )
    if fusion is not None:
        copy_encoder("fusion", fusion, classifier.get_layer("fusion"))
    if classifier.head == "code":
        copy_encoder("code", code.squeeze, classifier.get_layer("code"))


def _copy_where_alike(source: Any, classifier: Any) -> None:
    """Copies layers of a classifier of the same branches to another."""
    if getattr(source, "branches", None) != classifier.branches:
        return
    theirs = {layer.name: layer for layer in source.layers}
    ours = {layer.name: layer for layer in classifier.layers}
    for name in ("fusion", "code"):
        if name in theirs and name in ours:
            copy_encoder(name, theirs[name], ours[name])
