"""The one installation that all readers of a dashboard process share.

A module of its own: Streamlit runs the script anew for every click, and what the script defines
is forgotten with it.
"""

from functools import cache

from txplatform.platform import Platform
from txplatform.settings import load_settings
from txplatform.settings.logins import Component


@cache
def installation() -> Platform:
    """The platform of the environment's settings; its connections serve all readers."""
    return Platform(load_settings()).acting(Component.READ)
