"""`rules list` says which alert rules there are, `rules evaluate` how good they are."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, out, print_json, table

if TYPE_CHECKING:
    import pyarrow as pa

    from txplatform.domains.spend.trial.evaluation import Evaluation
    from txplatform.domains.spend.trial.planting import Mixture
    from txplatform.settings import Settings

rules = typer.Typer(
    help="The alert rules: what they look for, how good they are.", no_args_is_help=True
)
SAMPLE_LAYOUT, DEMO_LIMIT, BAR_WIDTH = "delaware", Decimal(500), 30


@rules.command("list")
def list_rules(as_json: Json = False) -> None:
    """List the alert rules with the parameters and limits of the settings.

    Example: txplatform spend rules list
    """
    from txplatform.domains.spend.rules.catalogue import load_rules
    from txplatform.domains.spend.settings import SpendSettings
    from txplatform.settings import load_settings

    settings = load_settings().of(SpendSettings)
    found = load_rules(settings.rules, settings.limit, settings.limits)
    lines = [
        (rule.code, rule.version, rule.severity, rule.off_reason or "on", rule.explanation["en"])
        for rule in found.rules
    ]
    headers = ("rule", "version", "severity", "state", "explanation")
    if as_json:
        print_json([dict(zip(headers, line, strict=True)) for line in lines])
    else:
        table(headers, lines)


@rules.command()
def rank(as_json: Json = False) -> None:
    """Sort the list by all alerts and decisions that there are, and say what each rule weighs.

    Every run that computes alerts does it too.

    Example: txplatform spend rules rank
    """
    from txplatform.domains.spend.publishing import rank_alerts
    from txplatform.domains.spend.queries.rulebook import weights
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.COMPUTE) as platform:
        weighed = weights(platform)
        moved = rank_alerts(platform.engine, weighed)
    headers = ("rule", "severity", "prior", "abusive", "decided", "weight")
    lines = [(*kind, one.prior, *one.evidence, one.weight) for kind, one in weighed.items()]
    if as_json:
        print_json([dict(zip(headers, line, strict=True)) for line in lines])
        return
    table(headers, lines)
    out().print(f"{moved:,} alerts moved.")


@rules.command()
def evaluate(
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file of your own, not the sample."),
    ] = None,
    layout: Annotated[str, typer.Option(help="Layout of that file.")] = SAMPLE_LAYOUT,
    times: Annotated[int, typer.Option(min=10, max=200, help="Abuses per rule.")] = 20,
    seed: Annotated[int, typer.Option(help="Another seed plants others.")] = 1,
    hard_one_in: Annotated[
        int, typer.Option(min=2, max=20, help="Of so many abuses of a rule one is hard.")
    ] = 10,
    chart: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the chart to a file (SVG).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Plant labelled abuses into purchases, and measure what the rules find of them.

    Nothing is stored. Without a limit in the settings the limit is 500.

    Example: txplatform spend rules evaluate --file purchases.csv --layout delaware
    """
    from txplatform.domains.spend.settings import SpendSettings
    from txplatform.domains.spend.trial.planting import Mixture
    from txplatform.settings import load_settings

    settings = load_settings()
    own = settings.of(SpendSettings)
    if own.limit is None and not own.limits:
        settings = settings.having(SpendSettings, limit=DEMO_LIMIT)
    mixture = Mixture(times, seed, hard_one_in)
    found = _evaluation(settings, _purchases(settings, file, layout), mixture)
    if chart:
        from txplatform.domains.spend.trial.evaluation import svg

        chart.write_text(svg(found), encoding="utf-8")
    if as_json:
        print_json(found.as_json())
    else:
        _show(found)


def _purchases(settings: "Settings", file: Path | None, layout: str) -> "pa.Table":
    from txplatform.domains.spend.settings import SpendSettings
    from txplatform.domains.spend.sources.layouts import load_layout
    from txplatform.domains.spend.sources.records import Policy
    from txplatform.domains.spend.sources.sample import write_sample
    from txplatform.domains.spend.trial import purchases_of_file

    # Cards are compared and not kept: any key will do.
    first_week = settings.of(SpendSettings).first_week
    policy = Policy(first_week=first_week, time_zone=settings.time_zone, card_key=b"-")
    if file:
        return purchases_of_file(file, load_layout(layout), policy)
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.csv"
        write_sample(sample)
        return purchases_of_file(sample, load_layout(SAMPLE_LAYOUT), policy)


def _evaluation(settings: "Settings", purchases: "pa.Table", mixture: "Mixture") -> "Evaluation":
    from txplatform.connectors import spark, spark_config
    from txplatform.domains.spend.rules.catalogue import load_rules
    from txplatform.domains.spend.settings import SpendSettings
    from txplatform.domains.spend.trial import try_rules
    from txplatform.embedded.java import java_home

    own = settings.of(SpendSettings)
    found = load_rules(own.rules, own.limit, own.limits)
    session = spark.session(spark_config.session_config(settings), lambda: java_home(settings))
    return try_rules(session, purchases, found, mixture)


def _show(found: "Evaluation") -> None:
    headers = (
        "rule",
        "planted",
        "recall",
        "of hard ones",
        "precision",
        "others per 1,000",
        "recall",
    )
    lines = [
        (
            code,
            one.planted,
            f"{one.recall:.2f}",
            f"{one.recall_hard:.2f}",
            f"{one.precision:.3f}",
            f"{one.alerts_per_1000:.2f}",
            _bar(one.recall),
        )
        for code, one in found.rules.items()
    ]
    table(headers, lines)
    out().print(
        f"\nPlanted abuses in the first per cents of {found.purchases:,} purchases, by risk:"
    )
    shares = (found.found_in_first, found.easy_in_first, found.hard_in_first)
    for percent, share in found.found_in_first.items():
        easy, hard = (one[percent] for one in shares[1:])
        bar = _bar(share)
        out().print(f"{percent} %  {bar} {share:.0%} (easy ones {easy:.0%}, hard ones {hard:.0%})")
    if one := found.learning:
        out().print(
            f"\nIn the 200 cases after 200 that were decided: {one.learnt} abuses with what the "
            f"decisions taught, {one.without} without, of {one.left} that are left."
        )


def _bar(share: float) -> str:
    filled = round(share * BAR_WIDTH)
    return "█" * filled + "░" * (BAR_WIDTH - filled)
