"""The analysts' pages: what each is called and shows."""

from txplatform.domains.commerce.pages import (
    cohorts,
    customers,
    home,
    performance,
    places,
    products,
    quality,
    segments,
    time,
    value,
)
from txplatform.serving.dashboard.pages import Page

PAGES = (
    Page("", "home.title", ":material/storefront:", home.show),
    Page("customers", "customers.title", ":material/group:", customers.show),
    Page("products", "products.title", ":material/inventory_2:", products.show),
    Page("time", "time.title", ":material/calendar_month:", time.show),
    Page("places", "places.title", ":material/public:", places.show),
    Page("segments", "segments.title", ":material/grid_on:", segments.show),
    Page("value", "value.title", ":material/paid:", value.show),
    Page("cohorts", "cohorts.title", ":material/replay:", cohorts.show),
    Page("quality", "quality.title", ":material/rule:", quality.show),
    Page("performance", "performance.title", ":material/speed:", performance.show),
)
