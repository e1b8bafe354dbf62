"""Air quality: what was the air like at each station, what of it can be believed, what comes next?

Grain: one row per station, parameter and hour; from them one per station, parameter and local day.
"""
