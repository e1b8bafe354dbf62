"""What an event consists of, and why one is refused: shared by Spark's parse and by the check."""

import re

SCHEMA_VERSION = 1
TYPES = ("view", "add", "remove", "checkout", "purchase")
CART_TYPES = ("add", "remove", "checkout")
FIELDS = (
    "event_id", "schema_version", "event_time", "type", "customer_id", "session_id", "product_id",
    "quantity", "amount", "currency", "country",
)  # fmt: skip
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_TEXT = 200
MOST_WHOLE_DIGITS = 9
"""Of an amount: ten million of the largest still fit into a window's numeric(18, 2)."""
MOST_QUANTITY = 1_000_000
MOST_BRACKETS = 64
"""Of a line: deeper nesting exhausts the parser's stack, at a depth that nobody can foresee."""
AHEAD_MS = 5 * 60 * 1000
"""How far an event may lie after its arrival: one clock set wrong would make all others late."""

RULES = {
    "BAD_TEXT": "not UTF-8, NUL, a lone surrogate, no text, over 200 characters, or no country",
    "NOT_JSON": "not exactly one JSON object",
    "NEWER_SCHEMA": "schema_version is not 1",
    "MISSING_FIELD": "a field is missing or null",
    "BAD_ID": "event_id is not a UUID",
    "BAD_TYPE": "type is not view, add, remove, checkout or purchase",
    "BAD_AMOUNT": "quantity, amount or currency cannot be what the shop sold",
    "BAD_TIME": "event_time is not UTC with milliseconds between 2000 and 2100",
    "FUTURE": "event_time is more than 5 minutes after the arrival",
}
"""In the order in which they are asked; the first that applies refuses the line. What is not UTF-8
has no fields to ask for; BAD_TEXT of a field is asked before FUTURE."""

COUNTRIES = frozenset(
    re.findall(
        "..",
        "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCI"
        "CKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQ"
        "GRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLS"
        "LTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPG"
        "PHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTK"
        "TLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW",
    )
)
"""ISO 3166-1 alpha-2."""
