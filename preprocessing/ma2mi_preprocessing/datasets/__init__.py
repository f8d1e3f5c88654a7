"""Datasets brought into one table: adapters, and the manifest they write."""
