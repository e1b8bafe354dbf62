"""Lines of orders: from the text of a file to what each line is, and which are refused."""

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from txplatform.domains.commerce.sources.layouts import FIELDS, Kind, Layout
from txplatform.domains.commerce.transforms.arithmetic import LARGEST, half_up
from txplatform.domains.commerce.transforms.calendar import DAY_SECONDS
from txplatform.domains.commerce.transforms.parsing import (
    day_text,
    seconds,
    tidy,
    time_text,
    units,
    whole_id,
    without,
)

Frame = nw.LazyFrame[Any]
ANONYMOUS, UNKNOWN = "(anonymous)", "(unknown)"
PRICE_DIGITS, CENT_DIGITS = 4, 2
TEXTS = ("line_id", "order_id", "customer_id", "product", "description", "country")
FEWEST_TO_TELL = 100
"""Amounts of a file: of fewer the 99th percentile is only the greatest."""
BETWEEN = "\x1f"
KEY = ("order_id", "product", "quantity", "at", "unit_price", "amount", "customer_id", "country")
"""What makes a line without an id the same line: its description may be written anew."""


def parsed_lines(rows: Frame, days: Frame, shop: Layout) -> Frame:
    """The fields of each row as values; NULL where one cannot be read.

    Args:
        rows: the fields as text, with source_file, source_line and content.
        days: `written_day` and the `day` that it means.
        shop: how the shop writes.
    """
    given = rows.select(
        "source_file",
        "source_line",
        **{f"raw_{name}": nw.col(name) for name in FIELDS[Kind.LINES]},
        **{name: without(tidy(name), shop.blank_words) for name in TEXTS},
        written_day=day_text("at"),
        time=time_text("at"),
    )
    read = given.with_columns(
        written_amount=units("raw_amount", shop.decimal_sign, shop.thousands_sign, CENT_DIGITS),
        line_id=whole_id(nw.col("line_id")),
        order_id=whole_id(nw.col("order_id")),
        customer_id=whole_id(nw.col("customer_id")).fill_null(ANONYMOUS),
        product=_product(shop).fill_null(UNKNOWN),
    )
    for text, values in _meanings(shop).items():
        # These repeat their texts: what one means is found out once.
        once = given.group_by(text).agg(nw.col("source_line").min()).select(text, **values)
        read = read.join(once, on=text, how="left")
    dated = read.join(days, on="written_day", how="left")
    timed = dated.with_columns(at=nw.col("day") * DAY_SECONDS + nw.col("second"))
    return timed.with_columns(amount=_amount(shop), unit_price=_price(shop))


def _meanings(shop: Layout) -> dict[str, dict[str, nw.Expr]]:
    """What the texts of columns mean, by column."""
    signs = shop.decimal_sign, shop.thousands_sign
    return {
        "raw_quantity": {"quantity": _quantity(shop, signs)},
        "raw_unit_price": {"unit_price": units("raw_unit_price", *signs, PRICE_DIGITS)},
        "time": {"second": seconds("time")},
    }


def _quantity(shop: Layout, signs: tuple[str, str]) -> nw.Expr:
    if "quantity" not in shop.lines:
        return nw.lit(1).cast(nw.Int64)
    tens = units("raw_quantity", *signs, 1)  # `6.0` of a spreadsheet is a whole number, `6.5` none
    return nw.when(tens % 10 == 0).then(tens // 10)


def _product(shop: Layout) -> nw.Expr:
    return nw.col("product").str.to_uppercase() if shop.upper_case_products else nw.col("product")


def _amount(shop: Layout) -> nw.Expr:
    """Quantity x price, rounded once; NULL where the product would not fit."""
    if "unit_price" not in shop.lines:
        return nw.col("written_amount")
    price, quantity = nw.col("unit_price"), nw.col("quantity")
    pieces = nw.when(quantity == 0).then(nw.lit(1)).otherwise(quantity.abs())
    fits = price.abs() <= nw.lit(LARGEST // 4) // pieces
    scale = 10 ** (PRICE_DIGITS - CENT_DIGITS)
    product = nw.when(fits).then(price) * nw.when(fits).then(quantity)
    rounded: nw.Expr = half_up(product, nw.lit(scale))
    return rounded


def _price(shop: Layout) -> nw.Expr:
    """The price of a piece; of a line that has only an amount, the amount through the pieces."""
    if "unit_price" in shop.lines:
        return nw.col("unit_price")
    scale = 10 ** (PRICE_DIGITS - CENT_DIGITS)
    pieces = nw.when(nw.col("quantity") > 0).then(nw.col("quantity"))
    rounded: nw.Expr = half_up(nw.col("written_amount") * scale, pieces)
    return rounded


def rules(shop: Layout, last_day: int) -> dict[str, nw.Expr]:
    """Why a row is refused, by code; the first that holds counts.

    Args:
        shop: how the shop writes.
        last_day: number of the day of ingestion; what is later has not happened.
    """
    amount, quantity = nw.col("amount"), nw.col("quantity")
    priced = "unit_price" if "unit_price" in shop.lines else "written_amount"
    ids = [nw.col(name).is_null() for name in ("line_id", "order_id") if name in shop.lines]
    broken: dict[str, nw.Expr | None] = {
        "BAD_AMOUNT": nw.col(priced).is_null() | (amount.is_null() & ~quantity.is_null()),
        "BAD_QUANTITY": quantity.is_null(),
        "MISSING_ID": ids[0] if ids else None,
        "BAD_DATE": nw.col("at").is_null(),
        "FUTURE_DATE": nw.col("day") > last_day,
        "AMOUNT_NOT_POSITIVE": _forbidden_amount(shop),
        "ORPHAN": nw.col("is_orphan") if shop.customers else None,
    }
    return {rule: holds for rule, holds in broken.items() if holds is not None}


def _forbidden_amount(shop: Layout) -> nw.Expr | None:
    """Negative where there are no refunds, 0 where it is refused; None where both may be."""
    amount = nw.col("amount")
    if shop.zero_amount == "refuse":
        return amount == 0 if shop.refunds else amount <= 0
    return None if shop.refunds else amount < 0


def first_rule(broken: dict[str, nw.Expr]) -> nw.Expr:
    """The code of the first rule that holds; NULL where none does."""
    *earlier, (last, holds_last) = broken.items()
    code: nw.Expr = nw.when(holds_last).then(nw.lit(last))
    for rule, holds in reversed(earlier):
        code = nw.when(holds).then(nw.lit(rule)).otherwise(code)
    return code


def with_customers(lines: Frame, customers: Frame) -> Frame:
    """Lines with what their customer's row says, and whether there is none (an orphan).

    Args:
        lines: parsed.
        customers: customer_id, customer_country and registered (a day's number), once each.
    """
    joined = lines.join(customers.with_columns(is_known=nw.lit(1)), on="customer_id", how="left")
    unknown = nw.col("is_known").is_null() & (nw.col("customer_id") != ANONYMOUS)
    is_before = (nw.col("day") < nw.col("registered")).fill_null(False)
    return joined.with_columns(
        is_orphan=unknown,
        is_before_registration=is_before,
        country=nw.coalesce("country", "customer_country").fill_null(UNKNOWN),
    )


def classified(lines: Frame, shop: Layout) -> Frame:
    """Lines with their class and, for goods, their kind; the first match counts."""
    order, product = nw.col("order_id"), nw.col("product")
    is_other = product.is_in(shop.other_products)
    for start in shop.other_orders:
        is_other = is_other | order.str.starts_with(start).fill_null(False)
    for start in shop.other_product_starts:
        is_other = is_other | product.str.starts_with(start)
    is_carriage = product.is_in(shop.carriage_products)
    kind = nw.when(is_carriage).then(nw.lit("carriage")).otherwise(nw.lit("goods"))
    named = lines.with_columns(**{"class": nw.when(is_other).then(nw.lit("other")).otherwise(kind)})
    is_goods = nw.col("class") == "goods"
    return named.with_columns(kind=nw.when(is_goods).then(_kind(shop)))


def _kind(shop: Layout) -> nw.Expr:
    amount = nw.col("amount")
    is_refund = amount < 0
    for start in shop.refund_orders:
        is_refund = is_refund | nw.col("order_id").str.starts_with(start).fill_null(False)
    is_sale = amount >= 0 if shop.zero_amount == "order" else amount > 0
    free = nw.when(nw.col("quantity") > 0).then(nw.lit("free")).otherwise(nw.lit("stock"))
    sold = nw.when(is_sale).then(nw.lit("sale")).otherwise(free)
    return nw.when(is_refund).then(nw.lit("refund")).otherwise(sold)


def usual_limit(amounts: NDArray[np.int64]) -> int | None:
    """Twice the 99th percentile of the amounts above 0; None where they are too few to tell."""
    positive = amounts[amounts > 0]
    return int(2 * np.percentile(positive, 99)) if len(positive) >= FEWEST_TO_TELL else None


def large_amounts(limit: int | None, shop: Layout) -> dict[str, tuple[nw.Expr, nw.Expr]]:
    """The issue of lines: an amount above the limit, which counts all the same."""
    if limit is None:
        return {}
    priced = [nw.col("raw_quantity"), nw.col("raw_unit_price")]
    is_priced = "unit_price" in shop.lines
    written = nw.concat_str(priced, separator=" x ") if is_priced else nw.col("raw_amount")
    return {"LARGE_AMOUNT": (nw.col("amount") > limit, written)}


def identity_text(shop: Layout) -> nw.Expr:
    """The fields that make a line without an id the same line, as one text."""
    return _joined(KEY, nw.lit(shop.name))


def fingerprint_text() -> nw.Expr:
    """All fields of a line as one text: another one under the same id is a correction."""
    return _joined((*KEY, "description"), nw.lit(""))


def _joined(names: tuple[str, ...], first: nw.Expr) -> nw.Expr:
    texts = [nw.col(name).cast(nw.String).fill_null("") for name in names]
    return nw.concat_str([first, *texts], separator=BETWEEN)


def with_status(rows: Frame, existing: Frame, can_be_corrected: bool) -> Frame:
    """What each accepted row of a file does to the lines or customers that are there.

    Args:
        rows: with line_id, fingerprint and source_line.
        existing: line_id and `known`, the fingerprint of the version that stands.
        can_be_corrected: whether an id may come again with other fields.

    Returns:
        The rows with `status` (new, unchanged, corrected) and `is_last`, whether the row is the
        one that stands when the file has been read.
    """
    joined = rows.join(existing, on="line_id", how="left")
    if not can_be_corrected:
        is_new = nw.col("known").is_null()
        status = nw.when(is_new).then(nw.lit("new")).otherwise(nw.lit("unchanged"))
        return joined.with_columns(status=status, is_last=is_new)
    # What most rows are follows from themselves: to put all of them in order would take longer.
    settled = _settled(
        repeated(rows.select("line_id", "source_line", "fingerprint"), "line_id"), existing
    )
    alone = _status(joined, nw.col("known"))
    both = alone.join(settled, on="source_line", how="left")
    return both.with_columns(
        status=nw.coalesce("last_status", "status"),
        is_last=nw.coalesce("stands", nw.col("status") != "unchanged"),
    ).drop("last_status", "stands")


def _settled(rows: Frame, existing: Frame) -> Frame:
    """Of rows whose id comes more than once in a file: what each does, and whether it stands."""
    before = nw.col("fingerprint").shift(1).over("line_id", order_by="source_line")
    seen = rows.with_columns(earlier=before).join(existing, on="line_id", how="left")
    judged = _status(seen, nw.coalesce("earlier", "known"))
    change = nw.when(nw.col("status") != "unchanged").then(nw.col("source_line"))
    changed = judged.with_columns(change=change)
    last = changed.with_columns(last_change=nw.col("change").max().over("line_id"))
    is_last = (nw.col("change") == nw.col("last_change")).fill_null(False)
    return last.select("source_line", last_status=nw.col("status"), stands=is_last)


def _status(rows: Frame, before: nw.Expr) -> Frame:
    """What a row does, by the fingerprint of the version before it."""
    seen = rows.with_columns(before=before)
    is_same = nw.col("fingerprint") == nw.col("before")
    status = nw.when(is_same).then(nw.lit("unchanged")).otherwise(nw.lit("corrected"))
    is_new = nw.col("before").is_null()
    return seen.with_columns(status=nw.when(is_new).then(nw.lit("new")).otherwise(status)).drop(
        "before"
    )


def repeated(rows: Frame, key: str) -> Frame:
    """The rows whose key comes more than once."""
    counted = rows.group_by(key).agg(nw.len().alias("times"))
    return rows.join(counted.filter(nw.col("times") > 1), on=key, how="semi")
