"""Models of customers: how often they come back, what an occasion is worth, and who leaves.

Pure functions from occasions to figures and tables: doubles, one thread, the same digits for the
same input. Money and probabilities become decimals at the end.
"""
