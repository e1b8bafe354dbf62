"""The commerce domain's part of the API: one router, mounted by `serving`.

`lists.py` is every table of gold, under the names of published projects too; `values.py` what
customers are worth and who may leave.
"""

from fastapi import APIRouter

from txplatform.domains.commerce.api import lists, values

router = APIRouter()
router.include_router(values.router)
router.include_router(lists.router)

__all__ = ["router"]
