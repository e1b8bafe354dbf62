"""Frames to frames, no I/O: written once, and the same rows on DuckDB, Spark and pandas.

In frames money is whole cents (a price ten-thousandths), a day is its number since 1970-01-01 and
an instant its second. Decimals and dates appear where tables are written.
"""
