"""One computation: stored hours of stations to the rows of the tables, in process or on Spark."""
