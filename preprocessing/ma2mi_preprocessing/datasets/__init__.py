"""Datasets brought into one table: adapters, and the manifest they write."""

from . import (
    cas_me_2,
    cas_me_2_macro,
    cas_me_3_a,
    cas_me_3_c,
    cas_me_3_macro,
    casme,
    casme2,
    ck_plus,
    dfew,
    ferv39k,
    four_dme,
    generic_csv,
    mmew,
    motion_images,
    oulu_casia,
    samm,
    samm_long,
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
        cas_me_2_macro.ADAPTER,
        cas_me_3_macro.ADAPTER,
        samm_long.ADAPTER,
        dfew.ADAPTER,
        ferv39k.ADAPTER,
        ck_plus.ADAPTER,
        oulu_casia.ADAPTER,
        generic_csv.ADAPTER,
        video_folder.ADAPTER,
        motion_images.ADAPTER,
    )
}
"""Dataset layouts by the name that the command line uses."""

__all__ = ["ADAPTERS", "Adapter"]
