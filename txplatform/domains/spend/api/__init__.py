"""The spend domain's part of the API: one router, mounted by `serving`.

`weekly.py` is the table and its purchases, `cases.py` the inbox, `alerts.py` alerts and decisions,
`reference.py` what explains them; `models.py` says what the answers look like, `parameters.py` what
is asked for.
"""

from fastapi import APIRouter

from txplatform.domains.spend.api import alerts, cases, reference, weekly
from txplatform.domains.spend.api.gauges import gauges
from txplatform.domains.spend.decisions import ConflictError, UnknownAlertError, UnknownCaseError

router = APIRouter()
for part in (weekly, cases, alerts, reference):
    router.include_router(part.router)

STATUSES = {ConflictError: 409, UnknownAlertError: 404, UnknownCaseError: 404}
"""HTTP statuses of the domain's own errors."""

__all__ = ["STATUSES", "gauges", "router"]
