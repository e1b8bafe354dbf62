"""Which currency a text says: by its code, or by a sign, which several may share."""

import re
from collections.abc import Iterable

OF_SIGN = {"€": "EUR", "£": "GBP", "¥": "JPY", "$": "USD"}
CODE = re.compile(
    r"(?<![A-Z])(AED|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|"
    r"JPY|KES|KRW|MAD|MXN|MYR|NGN|NOK|NZD|PEN|PHP|PLN|RON|RSD|SAR|SEK|SGD|THB|TND|TRY|TWD|UAH|USD|"
    r"UYU|VND|XAF|XOF|ZAR)(?![A-Z])"
)


def currency_in(texts: Iterable[str]) -> str | None:
    """The currency of the first text that says one."""
    for text in texts:
        if code := CODE.search(text):
            return code[1]
        if signs := [currency for sign, currency in OF_SIGN.items() if sign in text]:
            return signs[0]
    return None
