"""What a cell of text means: amounts as whole units, days, seconds, codes and names.

Engines differ in how they cast, round and parse dates. So a cell is first matched against a
pattern, then taken apart as text, and only digits are ever cast.
"""

import narwhals as nw

UNSEEN = "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
BLANKS = "\t\r\n\x0b\x0c\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE, WHITE = f"[{UNSEEN}]", f"[ {BLANKS}]+"
UNTIDY = f"[{UNSEEN}{BLANKS}]|^ | $|  "
"""What few cells have: to look for it costs less than to replace it everywhere."""

SEEN = f"[^{UNSEEN} {BLANKS}]"
SIGNS = "[$\u20ac\u00a3]"
LONGEST_INTEGER = 13
"""Digits before the decimal sign that still fit, with four decimals, into 64 bits."""


def tidy(name: str) -> nw.Expr:
    """Text without invisible characters, with single blanks; NULL where nothing is left."""
    text = nw.col(name)
    clean = nw.when(text.str.contains(UNTIDY)).then(cleaned(name)).otherwise(text)
    return nw.when(is_written(name)).then(clean)


def cleaned(name: str) -> nw.Expr:
    """Text like `tidy`, "" where nothing is left: functions alone, no choice.

    Of a column that repeats its values an engine computes such a chain once for each value.
    """
    text = nw.col(name).str.replace_all(INVISIBLE, "").str.replace_all(WHITE, " ")
    return text.str.strip_chars(" ")


def is_written(name: str) -> nw.Expr:
    """Whether a text has a sign that is seen; its `tidy` is NULL otherwise."""
    return nw.col(name).str.contains(SEEN).fill_null(False)


def without(expression: nw.Expr, words: list[str]) -> nw.Expr:
    """NULL where the text is one of the words that a source writes for nothing."""
    return nw.when(~expression.is_in(words)).then(expression) if words else expression


def _number_pattern(decimal: str, thousands: str, digits: int) -> str:
    point = f"[{decimal}]"
    grouped = f"[0-9]{{1,3}}(?:[{thousands}][0-9]{{3}})+|" if thousands else ""
    whole = f"(?:{grouped}[0-9]+)"
    decimals = f"(?:{whole}(?:{point}[0-9]{{0,{digits}}}0*)?|{point}[0-9]{{1,{digits}}}0*)"
    plain = (
        f"(?:(?:[-+]{SIGNS}?|{SIGNS}[-+]?)?{decimals}|{SIGNS}?{decimals}-|[(]{SIGNS}?{decimals}[)])"
    )
    return f"^{plain}$"


def _whole_number(digits: nw.Expr, is_right: nw.Expr) -> nw.Expr:
    """Digits as a number where they are right, else NULL.

    In pandas a number that may be NULL has the type of the line's number, and only from there.
    """
    holds = is_right.fill_null(False)
    number = nw.when(holds).then(digits).otherwise(nw.lit("0")).cast(nw.Int64)
    return nw.when(holds).then(nw.col("source_line") * 0 + number)


def units(name: str, decimal: str, thousands: str, digits: int) -> nw.Expr:
    """A written number as whole units of its last digit; NULL where it cannot be read exactly."""
    text = cleaned(name).str.replace_all(" ", "")
    is_number = text.str.contains(_number_pattern(decimal, thousands, digits))
    bare = text.str.replace_all(f"[^0-9{decimal}]", "")
    whole = bare.str.replace_all(f"[{decimal}].*$", "").str.replace_all("^0+", "")
    after = bare.str.replace_all(f"^[^{decimal}]*[{decimal}]?", "")
    padded = nw.concat_str([after, nw.lit("0" * digits)]).str.slice(0, digits)
    fits = is_number & (whole.str.len_chars() <= LONGEST_INTEGER)
    value = _whole_number(nw.concat_str([whole, padded]), fits)
    is_negative = text.str.contains("^[^0-9]*[-(]|-$").fill_null(False)
    return nw.when(is_negative).then(value * -1).otherwise(value)


def day_text(name: str) -> nw.Expr:
    """The day of a written instant, without its time."""
    return cleaned(name).str.replace_all("[ T].*$", "")


def time_text(name: str) -> nw.Expr:
    """The time of a written instant, after a blank; nothing where there is none."""
    return cleaned(name).str.replace_all("^[^ T]*", "")


def seconds(name: str) -> nw.Expr:
    """Seconds since midnight of a written instant; 0 without a time, NULL where it is none."""
    time = nw.col(name).str.replace_all("^[^ T]*[ T]?", "")
    is_time = time.str.contains("^(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.]0+)?)?$")
    rest = time.str.replace_all("^[^:]*:", "")
    hours = _whole_number(time.str.replace_all(":.*$", ""), is_time)
    minutes = _whole_number(rest.str.slice(0, 2), is_time)
    last = _whole_number(rest.str.slice(3, 2), is_time & (rest.str.len_chars() > 2))
    counted = hours * 3600 + minutes * 60 + last.fill_null(0)
    is_day = (time.str.len_chars() == 0).fill_null(False)
    return nw.when(is_day).then(nw.col("source_line") * 0).otherwise(counted)


def whole_id(expression: nw.Expr) -> nw.Expr:
    """An id that a spreadsheet turned into a decimal number, as it was: 17850.0 is 17850."""
    is_decimal = expression.str.contains("^[0-9]+[.]0+$")
    return nw.when(is_decimal).then(expression.str.replace_all("[.]0+$", "")).otherwise(expression)
