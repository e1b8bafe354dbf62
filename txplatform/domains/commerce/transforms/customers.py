"""Rows of customers: what can be read stays, and a blemish never costs a sale."""

import narwhals as nw

from txplatform.domains.commerce.sources.layouts import FIELDS, Kind, Layout
from txplatform.domains.commerce.transforms.lines import UNKNOWN, Frame
from txplatform.domains.commerce.transforms.parsing import day_text, tidy, whole_id, without

EMAIL = "^[^@ ]+@[^@ ]+[.][^@ ]+$"


def parsed_customers(rows: Frame, days: Frame, shop: Layout, last_day: int) -> Frame:
    """The fields of each row as values, with the rule that refuses it, if one does.

    Args:
        rows: the fields as text, with source_file, source_line and content.
        days: `written_day` and the `day` that it means.
        shop: how the shop writes.
        last_day: number of the day of ingestion; nobody has registered later.
    """
    tidied = rows.with_columns(
        **{f"raw_{name}": nw.col(name) for name in FIELDS[Kind.CUSTOMERS]},
        **{name: without(tidy(name), shop.blank_words) for name in FIELDS[Kind.CUSTOMERS]},
    )
    written = tidied.with_columns(written_day=day_text("registered_on"))
    dated = written.join(days, on="written_day", how="left")
    return dated.with_columns(
        customer_id=whole_id(nw.col("customer_id")),
        registered=nw.when(nw.col("day") <= last_day).then(nw.col("day")),
        rule=nw.when(nw.col("customer_id").is_null()).then(nw.lit("MISSING_ID")),
    )


def as_table(customers: Frame) -> Frame:
    """Accepted rows as the table has them."""
    return customers.with_columns(
        name=nw.col("name").fill_null(UNKNOWN),
        country=nw.col("country").fill_null(UNKNOWN),
        registered_on=nw.col("registered"),
    )


def fingerprint_text() -> nw.Expr:
    """All fields of a customer as one text: another one under the same id is a correction."""
    names = ("name", "email", "registered", "country")
    texts = [nw.col(name).cast(nw.String).fill_null("") for name in names]
    return nw.concat_str([nw.lit("customer"), *texts], separator="\x1f")


def with_owners(customers: Frame, known: Frame) -> Frame:
    """Customers with the least and the greatest id under which their address is known already."""
    named = known.filter(~nw.col("email").is_null()).group_by("email")
    ids = nw.col("customer_id")
    owners = named.agg(ids.min().alias("least_owner"), ids.max().alias("greatest_owner"))
    return customers.join(owners, on="email", how="left")


def issues() -> dict[str, tuple[nw.Expr, nw.Expr]]:
    """By name of the issue: when an accepted row has it, and what was written."""
    is_unread = nw.col("registered").is_null() & ~nw.col("registered_on").is_null()
    registration, email = nw.col("raw_registered_on"), nw.col("raw_email")
    # Two ids with one address: the least and the greatest differ, which every engine can tell.
    ids = nw.col("customer_id")
    is_address = nw.col("email").str.contains(EMAIL).fill_null(False)
    is_shared = ids.min().over("email") != ids.max().over("email")
    for owner in ("least_owner", "greatest_owner"):
        is_shared = is_shared | (nw.col(owner) != ids).fill_null(False)
    return {
        "BAD_REGISTRATION": (is_unread & nw.col("day").is_null(), registration),
        "FUTURE_REGISTRATION": (is_unread & ~nw.col("day").is_null(), registration),
        "BLANK_REGISTRATION": (nw.col("registered_on").is_null(), registration),
        "BAD_EMAIL": (~is_address, email),
        # An address that is one stands in the tables of customers alone.
        "SHARED_EMAIL": (is_shared & is_address, nw.lit(None, dtype=nw.String)),
        "BLANK_NAME": (nw.col("name").is_null(), nw.col("raw_name")),
        "BLANK_COUNTRY": (nw.col("country").is_null(), nw.col("raw_country")),
    }
