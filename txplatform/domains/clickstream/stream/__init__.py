"""The streaming job: one query, and per batch one transaction that takes the tables along."""
