"""What was looked at, what was found, and what to do about it."""

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "note", "bad"]


@dataclass(frozen=True)
class Finding:
    """The outcome of one look.

    Attributes:
        what: What was looked at, in a word or two.
        state: `"good"`; `"note"` for what only some need; `"bad"` for what stops work.
        words: What was found.
        advice: What to do; empty where there is nothing to do.
    """

    what: str
    state: State
    words: str
    advice: str = ""
