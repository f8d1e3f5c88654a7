"""Datasets brought into one table: adapters, and the manifest they write."""

from . import generic_csv, video_folder
from .adapter import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter for adapter in (generic_csv.ADAPTER, video_folder.ADAPTER)
}
"""Dataset layouts by the name that the command line uses."""

__all__ = ["ADAPTERS", "Adapter"]
