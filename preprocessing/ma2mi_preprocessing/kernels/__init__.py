"""Numba kernels: private, one file per step of the method.

Explicit vectors (`vectors`), the layout of the solver's memory (`layout`) and the way functions are
compiled (`compilation`) are shared; `level` joins the steps.
"""
