"""Internal spend control: what did each department and division spend in a week, and is it usual?

Grain: one row per calendar week (Monday to Sunday), department and division.
"""
