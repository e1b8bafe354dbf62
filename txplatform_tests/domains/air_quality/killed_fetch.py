"""A fetch in a process of its own, to be killed; its settings come from the environment."""

from contextlib import closing

from txplatform.domains.air_quality.sources.intake import fetch_all
from txplatform.platform import Platform
from txplatform.settings import load_settings

with closing(Platform(load_settings())) as platform:
    fetch_all(platform)
