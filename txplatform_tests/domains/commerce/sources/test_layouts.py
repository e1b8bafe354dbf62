"""Layouts: the shipped ones, one's own, and which file is which."""

from pathlib import Path

import pytest

from txplatform.domains.commerce.sources.layouts import Kind, layout, layouts
from txplatform.errors import SourceError, UsageError

OWN = """
[corner_shop]
currency = "EUR"
date_format = "%d/%m/%Y"
has_time = false
refunds = true
zero_amount = "free"
basket = "order"

[corner_shop.lines]
order_id = ["ticket"]
product = ["article"]
at = ["jour"]
amount = ["total"]
"""


def with_more(line: str) -> str:
    """The layout with one key more."""
    return OWN.replace("has_time", f"{line}\nhas_time")


def test_shipped_layouts() -> None:
    assert set(layouts()) == {"boutique", "clients_achats", "cdnow", "online_retail"}


@pytest.mark.parametrize(
    ("name", "has_id", "has_orders"),
    [
        ("clients_achats", True, False),
        ("online_retail", False, True),
        ("cdnow", False, False),
    ],
)
def test_identity_of_lines(name: str, has_id: bool, has_orders: bool) -> None:
    assert layout(name).has_id is has_id
    assert layout(name).has_orders is has_orders


@pytest.mark.parametrize(
    ("name", "header", "kind"),
    [
        ("clients_achats", "id_achat id_client date_achat montant produit", Kind.LINES),
        ("clients_achats", "id_client nom email date_inscription pays", Kind.CUSTOMERS),
        (
            "online_retail",
            "Invoice StockCode Description Quantity InvoiceDate Price CustomerID Country",
            Kind.LINES,
        ),
    ],
)
def test_a_file_is_known_by_its_header(name: str, header: str, kind: Kind) -> None:
    assert layout(name).kind_of(header.split(), "file.csv") is kind


def test_the_first_name_that_a_file_has_counts() -> None:
    columns = layout("online_retail").columns_of(
        Kind.LINES,
        ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID",
         "Country"],
    )  # fmt: skip

    assert columns["order_id"] == "Invoice"
    assert columns["unit_price"] == "Price"
    assert columns["customer_id"] == "Customer ID"


def test_another_header_is_a_sentence() -> None:
    with pytest.raises(SourceError, match=r"wrong\.csv does not look like the layout cdnow"):
        layout("cdnow").kind_of(["a", "b"], "wrong.csv")


def test_a_layout_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")

    found = layout("corner_shop", path)

    assert found.has_orders
    assert found.customers is None
    assert "cdnow" in layouts(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[broken", "own.toml is not valid TOML"),
        (OWN.replace('"EUR"', '"Euro"'), "Layout corner_shop: the key 'currency' cannot be used"),
        (OWN.replace('amount = "free"', 'amount = "maybe"'), "'zero_amount' cannot be used"),
        (OWN + "\n[corner_shop.extra]\n", "the key 'extra' is not known; docs/commerce.md lists"),
        ("corner_shop = 5\n", "own.toml: corner_shop is no table such as .corner_shop."),
        (OWN.replace("corner_shop", '"a/b"'), "Layout a/b: the key 'name' cannot be used"),
        (OWN.replace("product =", "produkt ="), "there is no field produkt; there are line_id"),
        (OWN.replace('at = ["jour"]', ""), "lines need `at`, and `amount` or `unit_price`"),
        (OWN.replace("amount = [", "quantity = ["), "lines need `at`, and `amount`"),
        (OWN.replace('["jour"]', "[]"), "'lines.at' cannot be used"),
        (OWN + '\n[corner_shop.customers]\nname = ["nom"]\n', "customers need `customer_id`"),
        (OWN + '\n[corner_shop.constants]\ncolour = "red"\n', "there is no field colour"),
        (OWN.replace("%d/%m/%Y", "%m/%Y"), "say day, month and year without blanks"),
        (OWN.replace("%d/%m/%Y", "%d %m %Y"), "say day, month and year without blanks"),
        (OWN.replace("%d/%m/%Y", "%Q"), "say day, month and year without blanks"),
        (with_more('encoding = "klingon"'), "'klingon' is not an encoding"),
        (with_more('delimiter = ";;"'), "the key 'delimiter' cannot be used"),
        (with_more('delimiter = ""'), "the key 'delimiter' cannot be used"),
        (with_more('decimal_sign = ","'), "decimal_sign and thousands_sign are the same"),
        (with_more('thousands_sign = "]"'), "the key 'thousands_sign' cannot be used"),
        (with_more('other_orders = [""]'), "the key 'other_orders.0' cannot be used"),
    ],
)
def test_a_file_of_layouts_that_cannot_be_used_is_a_sentence(
    text: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=sentence):
        layouts(path)


def test_an_unknown_layout_names_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="there are boutique, cdnow, clients_achats"):
        layout("other")
