"""Numba kernels: private, one file per step of the method, joined by Python code outside.

Explicit vectors (`vectors`) and the layout of the solver's memory (`layout`) are shared. Numba's
cache on disk notices edits only of the file a kernel stands in: after an edit of a shared file, or
of a kernel that another one calls, delete the `__pycache__` here.
"""
