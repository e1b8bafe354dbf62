"""The officers' pages: what each is called and shows."""

from txplatform.domains.air_quality.pages import compare, days, health, now, patterns
from txplatform.serving.dashboard.pages import Page

PAGES = (
    Page("", "now.title", ":material/air:", now.show),
    Page("days", "days.title", ":material/calendar_month:", days.show),
    Page("compare", "compare.title", ":material/compare_arrows:", compare.show),
    Page("patterns", "patterns.title", ":material/monitoring:", patterns.show),
    Page("health", "health.title", ":material/sensors:", health.show),
)
