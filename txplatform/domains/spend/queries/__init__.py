"""The read side of the spend tables: what the command line, the API and the dashboard ask.

Loads neither Spark nor Dagster.
"""
