"""The demo of commerce: a made-up shop of three years, from its files to customers' value."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from txplatform.cli.demo import Report, Stages

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.platform import Platform

COMMANDS = ("commerce status", "commerce rejected", "commerce export clients -o clients.csv")
COMPARED = ("lines", "orders", "customers", "buyers", "gross", "refund", "net", "as_of", "refused")
"""What gold must say as `truth.json` does."""


def demo(opened: "Session", folder: Path, stages: Stages) -> Report:
    """Write a shop, take it in, compute every table, and hold them against what was drawn."""
    from txplatform.domains.commerce.commands.jobs import run_everything
    from txplatform.domains.commerce.computation import refresh
    from txplatform.domains.commerce.sources import sample_files
    from txplatform.domains.commerce.sources.sample import Plan
    from txplatform.settings.logins import Component

    with stages.stage("files"):
        shop = sample_files.write(folder / "commerce", Plan())
    with stages.stage("ingestion"):
        ingesting = opened.platform.acting(Component.INGEST)
        refresh.ingest(ingesting, [shop.customers, shop.lines], sample_files.LAYOUT)
    with stages.stage("tables"):
        run_everything(opened, None, None)
    found = figures(opened.platform)
    wrong = [name for name in COMPARED if found[name] != shop.truth[name]]
    told = "; ".join(f"{name} is {found[name]}, drawn {shop.truth[name]}" for name in wrong)
    return Report(found, lines(found, shop.truth), COMMANDS, told or None)


def figures(platform: "Platform") -> dict[str, Any]:
    """What gold says of the shop; money in cents."""
    from txplatform.domains.commerce.computation import refresh
    from txplatform.domains.commerce.publishing.lake import open_lake

    silver = open_lake(platform.settings)
    (kpis,) = refresh.published_table(platform, "kpis").to_pylist()
    waiting = silver.silver_table("quarantine", ["kind", "rule"]).to_pylist()
    fits = refresh.published_table(platform, "model_fits").to_pylist()
    return {
        "lines": silver.silver.current().rows("lines"),
        "orders": kpis["order_count"],
        "customers": kpis["customer_count"],
        "buyers": kpis["buyer_count"],
        **{name: int(kpis[f"{name}_amount"] * 100) for name in ("gross", "refund", "net")},
        "as_of": str(kpis["as_of"]),
        "refused": Counter(row["rule"] for row in waiting if row["kind"] == "lines"),
        "models": {row["part"]: row["model"] for row in fits},
    }


def lines(found: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, str]:
    """The same for people."""
    refused = ", ".join(f"{rule} {count}" for rule, count in sorted(found["refused"].items()))
    return {
        "customers": f"{found['customers']:,}, {found['buyers']:,} with an order",
        "lines": f"{truth['rows']:,} read, {found['lines']:,} stand",
        "refused": refused,
        "orders": f"{found['orders']:,}",
        "net amount": f"{found['net'] / 100:,.2f} EUR, {-found['refund'] / 100:,.2f} refunded",
        "models": ", ".join(f"{part} {model}" for part, model in found["models"].items()),
        "against the truth": "every figure as drawn"
        if all(found[name] == truth[name] for name in COMPARED)
        else "figures differ",
    }
