"""The analysts' pages: what each is called and shows."""

from txplatform.domains.commerce.pages import value
from txplatform.serving.dashboard.pages import Page

PAGES = (Page("value", "value.title", ":material/paid:", value.show),)
