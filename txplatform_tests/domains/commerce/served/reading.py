"""What a page says, as a reader reads it."""

from decimal import Decimal

from streamlit.testing.v1 import AppTest

Table = dict[str, list[str]]


def figures(app: AppTest) -> dict[str, str]:
    """The figures of a page by their label."""
    return {each.label: each.value for each in app.metric}


def tables(app: AppTest) -> list[Table]:
    """The tables of a page: heading to cells."""
    return [
        {str(name): [plain(cell) for cell in column] for name, column in each.value.items()}
        for each in app.table
    ]


def said(app: AppTest) -> str:
    """All sentences of a page."""
    kinds = (app.title, app.header, app.subheader, app.caption, app.info, app.success)
    return "\n".join(plain(str(each.value)) for kind in kinds for each in kind)


def plain(written: str) -> str:
    """Text without what keeps Markdown away."""
    return written.replace("\u2060", "").replace("\\", "")


def amount(written: str) -> Decimal:
    """A number as a page writes it."""
    return Decimal(written.replace(",", ""))


def amounts(column: list[str]) -> list[Decimal]:
    """A column of numbers."""
    return [amount(cell) for cell in column]
