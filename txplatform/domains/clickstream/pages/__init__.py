"""The page of the live events, and what each of its parts is called."""

from txplatform.domains.clickstream.pages import live
from txplatform.serving.dashboard.pages import Page

PAGES = (Page("", "live.title", ":material/sensors:", live.show),)
