"""The controllers' pages: what each is called and shows."""

from collections.abc import Callable

from txplatform.domains.spend.pages import alerts, case, departments, health, overview, why
from txplatform.domains.spend.pages.desk import Desk
from txplatform.serving.dashboard.pages import Page
from txplatform.serving.dashboard.reader import Reader
from txplatform.serving.dashboard.view import View


def _at_desk(show: Callable[[Desk, View], None]) -> Callable[[Reader, View], None]:
    return lambda reader, view: show(Desk.of(reader), view)


PAGES = (
    Page("", "overview.title", ":material/monitoring:", _at_desk(overview.show)),
    Page("departments", "departments.title", ":material/account_tree:", _at_desk(departments.show)),
    Page("alerts", "alerts.title", ":material/notification_important:", _at_desk(alerts.show)),
    Page("case", "case.title", ":material/folder_open:", _at_desk(case.show), is_in_menu=False),
    Page("why", "why.title", ":material/search:", _at_desk(why.show)),
    Page("health", "health.title", ":material/health_and_safety:", _at_desk(health.show)),
)
"""A case is a page of its own, so that the menu leads from it to the inbox."""
