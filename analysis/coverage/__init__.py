"""Where a dataset has enough examples and where it does not: regions, slices, a collection plan, drift.

Pure maths on arrays and frames; row i of everything is the i-th example.
"""
