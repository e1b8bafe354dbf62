"""Cases that look like the real thing: made of the pieces that amounts, dates, files... consist of.

Everything comes from a seed, so that hypothesis can shrink a failure and a case can come again.
"""

import json
import random
from collections.abc import Callable

from txplatform_tests.fuzzing.targets import DATE_FORMATS, HEADER, SIGNS

Rng = random.Random
SPACES = (" ", "\u00a0", "\u202f", "\u2009", "\t")
MONEY = ("$", "€", "£", "¥", "USD", "EUR", "CHF", "GBP", "AB")
ODD_NUMBERS = (
    "1e5",
    "NaN",
    "-0.00",
    "٤٢",
    "１２",
    "10000000000000",
    "1_000",
    "0x10",
    "Infinity",
    "²",
)
LETTERS = "aZé\u0301ŁßŋЖשع東ก\U0001f6d2-'&/.,;:=+@<>\"$%(){}[]_0"
HIDDEN = "\u200b\u200d\ufeff\u202e\u2066\u00ad\x00\x07\x1b\u2028\u0085\x1c\ud800\U000e0001\u061c"
FORMS = ("$date", "$numberDecimal", "$numberLong", "$oid", "$day", "$binary", "$uuid")
VARIABLES = (
    *("FIRST_WEEK", "TIME_ZONE", "CURRENCY", "LIMITS", "LIMIT", "WEEKS_PER_RUN", "ENGINE"),
    *("DROP_QUIET_SECONDS", "REFUSED_PERCENT_LIMIT", "STATE_DIR", "CARD_IDENTITY", "LAKE_DIR"),
)
VALUES = (
    *("2024-01-01", "2024-01-02", "Europe/Paris", "../etc/passwd", "USD", "NaN", "1e400", "-1"),
    *('{"a": "1"}', '{"a": 1e999999}', "{", "[" * 3000, "52", "1e5", "mongo", "a\udcff", ""),
)
LEAP_YEARS_OR_NOT = (1900, 2000, 2023, 2024, 2100)
MONTHS = ("Jan", "february", "MAR", "Sept", "Ju", "Decembre", "Mai", "August")


def amount(rng: Rng) -> str:
    """An amount, or nearly one."""
    if rng.random() < 0.15:
        return rng.choice(ODD_NUMBERS) + rng.choice(("", "", "5", "-"))
    digits = str(rng.randrange(10 ** rng.randint(1, 18)))
    if rng.random() < 0.5:
        digits = f"{int(digits):,}".replace(",", rng.choice((",", ".", "'", *SPACES)))
    fraction = rng.choice(("", ".", ",")) + str(rng.randrange(1000))[: rng.randint(0, 3)]
    parts = [rng.choice(("", "", "", "-", "(", *SPACES[:2], rng.choice(MONEY))) for _ in range(3)]
    after = [rng.choice(("", "", "", "-", ")", *SPACES[:2], rng.choice(MONEY))) for _ in range(2)]
    return "".join([*parts, digits, fraction, *after])


def day(rng: Rng) -> str:
    """A date, or nearly one."""
    year = rng.choice((rng.randint(1900, 2100), rng.randint(0, 99), rng.randint(0, 99999)))
    day_of_month, month = rng.randint(0, 32), rng.randint(0, 13)
    if rng.random() < 0.1:
        day_of_month, month, year = rng.choice((28, 29, 30)), 2, rng.choice(LEAP_YEARS_OR_NOT)
    numbers = [f"{day_of_month:{rng.choice(('', '02'))}}", f"{month:02}"]
    if rng.random() < 0.3:
        numbers[rng.randrange(2)] = rng.choice(MONTHS)
    order = [*numbers, f"{year:{rng.choice(('', '04'))}}"]
    rng.shuffle(order)
    sign = rng.choice(("/", "-", ".", "", " ", ", "))
    time = rng.choice(("", "", "", f" {rng.randint(0, 25)}:{rng.randint(0, 61):02}:07"))
    return sign.join(order) + time


def name(rng: Rng) -> str:
    """A name with all that people and programs put into one."""
    alphabet = LETTERS + rng.choice(("", HIDDEN)) + " " * 5
    return "".join(rng.choices(alphabet, k=rng.randint(0, 14)))


def csv_line(rng: Rng) -> str:
    """A line of a CSV file, its quotes at times astray."""
    cells = [f"{2000 + rng.randrange(30)}-{rng.randint(0, 13):02}-{rng.randint(1, 31):02}"]
    cells += [name(rng).replace("\n", " ") for _ in range(3)] + [amount(rng)]
    quoted = [f'"{cell}"' if rng.random() < 0.2 else cell for cell in cells]
    line = ",".join(quoted if rng.random() < 0.8 else quoted[: rng.randint(0, 5)])
    if rng.random() < 0.15:
        at = rng.randrange(len(line) + 1)
        line = line[:at] + rng.choice(('"', '""', '","', "\r", "\n", "\x0b", ",")) + line[at:]
    return line


def json_value(rng: Rng, depth: int = 2) -> object:
    """A value of JSON, at times in MongoDB's extended form."""
    pick = rng.randrange(12 if depth else 8)
    if pick < 3:
        return name(rng).encode(errors="ignore").decode()
    if pick < 8:
        return rng.choice((1, -5.25, 1e300, 10**25, None, True, amount(rng), day(rng), 0.1, ""))
    if pick == 8:
        return [json_value(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    if pick == 9:
        return {name(rng)[:3].encode(errors="ignore").decode(): json_value(rng, depth - 1)}
    return {rng.choice(FORMS): json_value(rng, depth - 1)}


def json_line(rng: Rng) -> str:
    """A line of JSON under the usual names."""
    record = {field: json_value(rng) for field in HEADER if rng.random() < 0.9}
    record["date"] = f"20{rng.randrange(30):02}-0{rng.randint(1, 9)}-{rng.randint(1, 31):02}"
    line = json.dumps(record, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.05:
        line = line[:-1] + f", {json.dumps(rng.choice(HEADER))}: {json.dumps(amount(rng))}}}"
    if rng.random() < 0.15:
        at = rng.randrange(len(line))
        line = line[:at] + rng.choice(('"', "{", "[", "\\ud800", "1e999999999", "NaN")) + line[at:]
    return line


def layout(rng: Rng) -> str:
    """A layout file with some keys that fit and some that do not."""
    keys = {
        "name": ("mine", "Mine", "a b", ""),
        "currency": ("USD", "usd", "€"),
        "date_format": (*DATE_FORMATS, "yy", "dd", "MM/dd/yyyy/dd", "(((", "dd[MM]yyyy"),
        "encoding": ("utf-8", "cp1252", "rot13", "base64", "idna", "undefined", "nonsense", "\0"),
        "delimiter": (",", ";", "\t", "ab", "", "\n", '"'),
        "thousands_sign": (",", ".", " ", "'", ""),
        "time_zone": ("UTC", "Europe/Paris", "../x", ""),
        "id_column": ("id", "", "amount"),
        "negat": ("x",),
    }
    chosen = [k for k in keys if rng.random() < (0.95 if k in ("name", "currency") else 0.4)]
    lines = [f"{key} = {json.dumps(rng.choice(keys[key]))}" for key in chosen]
    if "date_format" not in chosen and rng.random() < 0.9:
        lines.append('date_format = "MM/dd/yyyy"')
    lines += ["[columns]", 'department = "a"', 'transaction_date = ["b"]', 'amount = ["c", "d"]']
    lines += [rng.choice(("", "division = 5", "x = [[[[", '[aliases]\n"a" = ["z"]', "amount = 1"))]
    return "\n".join(lines)


def setting(rng: Rng) -> str:
    """A variable with a value that may fit."""
    value = rng.choice((*VALUES, amount(rng), name(rng)))
    return f"{rng.choice(VARIABLES)}={value}"


SHAPES: dict[str, Callable[[Rng], str]] = {
    "amounts": amount,
    "dates": day,
    "names": name,
    "delimited": csv_line,
    "json_lines": json_line,
    "layouts": layout,
    "settings": setting,
}


def shaped(target: str, seed: int, count: int) -> bytes:
    """A first byte that chooses, then `count` cases of a target's shape."""
    rng = Rng(seed)
    cases = (SHAPES[target](rng) for _ in range(1 if target == "layouts" else count))
    text = "\n".join(cases).encode(errors="replace")
    return (
        text
        if target in ("layouts", "json_lines", "delimited", "settings")
        else (bytes([rng.randrange(len(SIGNS) * len(DATE_FORMATS))]) + text)
    )
