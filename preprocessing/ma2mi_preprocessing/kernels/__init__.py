"""Numba kernels: private, allocation-free where it matters, one self-contained file per step.

Numba's on-disk cache notices edits of a kernel's own file only, so no kernel calls into another
file and no constant is shared between them: Python code joins the steps.
"""
