"""The commerce domain's part of the API: one router, mounted by `serving`.

`lists.py` serves every table of gold and the lines of orders under the paths that
`queries/published.py` declares, `state.py` how fresh it is.
"""

from fastapi import APIRouter

from txplatform.domains.commerce.api import lists, state

router = APIRouter()
router.include_router(lists.router)
router.include_router(state.router)

__all__ = ["router"]
