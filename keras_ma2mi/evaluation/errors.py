"""What evaluation refuses, as exceptions whose message is one line for a person."""


class PredictionsError(ValueError):
    """A table of predictions that cannot be scored, or two that cannot be compared."""


class SubjectLeakError(ValueError):
    """A held-out subject was also used for fitting."""


class ProtocolError(ValueError):
    """A protocol, split or class set that is not known, or that a table of clips does not fit."""
