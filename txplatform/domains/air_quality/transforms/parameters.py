"""What stations measure: names, units, and which figures apply to which parameter."""

from typing import NamedTuple


class Parameter(NamedTuple):
    """One measured quantity."""

    name: str
    unit: str
    meaning: str


PARAMETERS = (
    Parameter("co", "mg/m3", "Carbon monoxide"),
    Parameter("no2", "ug/m3", "Nitrogen dioxide"),
    Parameter("o3", "ug/m3", "Ozone"),
    Parameter("pm10", "ug/m3", "Particles up to 10 micrometres"),
    Parameter("pm25", "ug/m3", "Particles up to 2.5 micrometres"),
    Parameter("rh", "%", "Relative humidity of the outside air"),
    Parameter("t_ext", "degC", "Temperature of the outside air"),
    Parameter("t_int_raw", "counts", "The box's own temperature sensor, raw counts, no degrees"),
)
NAMES = tuple(parameter.name for parameter in PARAMETERS)
UNITS = {parameter.name: parameter.unit for parameter in PARAMETERS}
GASES = ("co", "no2", "o3")
PARTICLES = ("pm10", "pm25")
POLLUTANTS = (*GASES, *PARTICLES)

AQI_DECIMALS = {"pm25": 1, "pm10": 0}
"""Decimals to which particles are truncated for the US index; gases of this class have none."""
