"""What the layouts of several domains' files say alike: encoding, currency, signs of numbers."""

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, Field


def known_encoding(value: str) -> str:
    """The name by which Python knows an encoding.

    Raises:
        ValueError: it is none.
    """
    try:
        b"".decode(value)  # rot13 and base64 are codecs, and no encodings of text
        return codecs.lookup(value).name
    except (LookupError, ValueError):
        raise ValueError(f"{value!r} is not an encoding; use utf-8, cp1252...") from None


Encoding = Annotated[str, AfterValidator(known_encoding)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
DecimalSign = Literal[".", ","]
ThousandsSign = Literal["", ",", ".", " ", "'", "’"]  # noqa: RUF001
