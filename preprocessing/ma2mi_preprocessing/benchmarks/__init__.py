"""Benchmarks that measure this package on the machine at hand and return rows, printing nothing."""
