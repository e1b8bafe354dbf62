"""The write paths of commerce: tables of the lake that change together, and their copies."""
