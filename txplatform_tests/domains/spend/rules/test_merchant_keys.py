"""The merchant key: of one name, and of a column of them."""

from pathlib import Path

import pyarrow as pa
import pytest

from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform.domains.spend.rules.look_back import merchant_keys
from txplatform.domains.spend.rules.merchant_keys import normalised

OWN = """
[merchants]
store_numbers = ["Shell", "Shell Oil"]
[merchants.aliases]
"Wal-Mart" = ["WALMART", "Wal Mart Supercenter"]
"Shell" = ["Shell Oil"]
"""

KEYS = {
    "ACME": "ACME",
    "Acme, Inc.": "ACME INC",
    "acme   inc": "ACME INC",
    "AMAZON MKTPLACE*PMTS": "AMAZON MKTPLACE PMTS",
    "Café Zoë": "CAFÉ ZOË",
    "Straße 7": "STRASSE 7",
    "Ελλάς": "ΕΛΛΆΣ",
    "東京 タワー": "東京 タワー",
    "٣ مطعم": "٣ مطعم",
    "x²": "X",
    "naïve_co": "NAÏVE CO",
    "(unknown)": None,
    "unknown": "UNKNOWN",
    "***": None,
    "WALMART": "WAL MART",
    "wal-mart supercenter": "WAL MART",
    "SHELL 57544": "SHELL",
    "Shell #12 A4": "SHELL",
    "SHELL OIL 99": "SHELL",
    "SHELL FIVEWAYS 387": "SHELL FIVEWAYS 387",
    "SHELLFISH 12": "SHELLFISH 12",
    "THE SHELL 12": "THE SHELL 12",
}


def test_eight_spellings_of_one_shop_have_one_key(tmp_path: Path) -> None:
    own = tmp_path / "rules.toml"
    own.write_text(OWN, encoding="utf-8")
    rules = load_rules(own)
    merchants = pa.chunked_array([[*KEYS, *KEYS]])

    keyed = merchant_keys(merchants, rules)

    assert {name: rules.merchant_key(name) for name in KEYS} == KEYS
    assert keyed.to_pylist() == [*KEYS.values()] * 2


def test_nothing_is_merged_unless_somebody_declares_it() -> None:
    rules = load_rules()

    assert rules.merchant_key("SHELL 57544") == "SHELL 57544"
    assert rules.merchant_key("WALMART") != rules.merchant_key("WAL-MART")


@pytest.mark.parametrize("name", ["Cafe\u0301", "CAFÉ", " café "])
def test_one_spelling_of_accents(name: str) -> None:
    assert normalised(name) == "CAFÉ"
