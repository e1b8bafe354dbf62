"""The API of air quality: stations, hours, days, levels, patterns and what comes next.

`figures.py` is what was measured and computed, `health.py` what can be believed of it: stations,
fetches, gaps and events.
"""

from fastapi import APIRouter

from txplatform.domains.air_quality.api import figures, health

router = APIRouter()
router.include_router(health.router)
router.include_router(figures.router)

__all__ = ["router"]
