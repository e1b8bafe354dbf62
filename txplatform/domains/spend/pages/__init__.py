"""The controllers' pages: what each is called and shows."""

from collections.abc import Callable

from txplatform.domains.spend.pages import alerts, case, departments, health, origin, overview
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.serving.dashboard.pages import Page
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader


def _for_spend(show: Callable[[SpendReader, View], None]) -> Callable[[Reader, View], None]:
    return lambda reader, view: show(SpendReader.of(reader), view)


PAGES = (
    Page("", "overview.title", ":material/monitoring:", _for_spend(overview.show)),
    Page(
        "departments", "departments.title", ":material/account_tree:", _for_spend(departments.show)
    ),
    Page("alerts", "alerts.title", ":material/notification_important:", _for_spend(alerts.show)),
    Page("case", "case.title", ":material/folder_open:", _for_spend(case.show), is_in_menu=False),
    Page("why", "why.title", ":material/search:", _for_spend(origin.show)),
    Page("health", "health.title", ":material/health_and_safety:", _for_spend(health.show)),
)
"""A case is a page of its own, so that the menu leads from it to the inbox."""
