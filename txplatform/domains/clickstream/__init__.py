"""Live shop events: what do customers look at, put into carts, buy and leave behind, right now?

Grain: one event; of it windows of 1, 5 and 60 minutes, carts, and the funnel of each hour.
"""
