"""Datasets brought into one table: adapters, and the manifest they write."""

from . import casme2, generic_csv, samm, video_folder
from .adapter import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (casme2.ADAPTER, samm.ADAPTER, generic_csv.ADAPTER, video_folder.ADAPTER)
}
"""Dataset layouts by the name that the command line uses."""

__all__ = ["ADAPTERS", "Adapter"]
