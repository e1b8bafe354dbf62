"""The commerce domain's part of the API: one router, mounted by `serving`.

`lists.py` serves every table of gold and the lines of orders under the paths that
`queries/published.py` declares, `values.py` what customers are worth and who may leave, `state.py`
how fresh it is.
"""

from fastapi import APIRouter

from txplatform.domains.commerce.api import lists, state, values

router = APIRouter()
router.include_router(values.router)
router.include_router(lists.router)
router.include_router(state.router)

__all__ = ["router"]
