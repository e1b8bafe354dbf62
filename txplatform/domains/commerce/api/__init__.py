"""The commerce domain's part of the API: one router, mounted by `serving`."""

from fastapi import APIRouter

from txplatform.domains.commerce.api import values

router = APIRouter()
router.include_router(values.router)

__all__ = ["router"]
