"""FACS codes as annotators write them, brought into one form."""

import re

# Side or half of the face before or after the number, intensity after it: R12, 12L, 7B, T28.
_CODE = re.compile(r"([LRTB]?)(\d+)([A-E]?)([LR](?!\d))?")


def action_units(text: str) -> str:
    """``4+7+L10`` as ``AU4+AU7+AUL10``; what is no code, such as '/', gives nothing.

    Any separator will do. A side written behind the number is put before it (``12L`` is
    ``AUL12``), alternatives (``R12 or R15``) are all kept.
    """
    codes = []
    for before, number, intensity, behind in _CODE.findall(text.upper()):
        codes.append(f"AU{before or behind}{number}{intensity}")
    return "+".join(codes)
