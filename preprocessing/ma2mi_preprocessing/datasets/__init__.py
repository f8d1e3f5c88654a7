"""Datasets brought into one table: adapters, and the manifest they write."""

from . import (
    cas_me_2,
    cas_me_3_a,
    cas_me_3_c,
    casme,
    casme2,
    four_dme,
    generic_csv,
    mmew,
    samm,
    smic_e,
    smic_hs,
    video_folder,
)
from .adapter import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        casme.ADAPTER,
        casme2.ADAPTER,
        samm.ADAPTER,
        smic_hs.ADAPTER,
        smic_e.ADAPTER,
        mmew.ADAPTER,
        cas_me_2.ADAPTER,
        cas_me_3_a.ADAPTER,
        cas_me_3_c.ADAPTER,
        four_dme.ADAPTER,
        generic_csv.ADAPTER,
        video_folder.ADAPTER,
    )
}
"""Dataset layouts by the name that the command line uses."""

__all__ = ["ADAPTERS", "Adapter"]
