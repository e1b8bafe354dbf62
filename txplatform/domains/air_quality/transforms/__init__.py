"""From one station's hours to flags, hourly and daily figures and analyses: arrays in, arrays out.

Nothing here reads or writes; the same functions run in process and on Spark's workers.
"""

CODE_VERSION = "1"
"""Changes when the same hours would give other figures."""
