"""Which type an Accept header asks for."""

import pytest
from fastapi import HTTPException

from txplatform.serving.api.answers import CSV, JSON, PARQUET, chosen


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", JSON),
        ("application/json", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV", CSV),
        ("text/*", CSV),
        ("application/*", JSON),
        (PARQUET, PARQUET),
        ("text/html, text/csv;q=0.9, */*;q=0.1", CSV),
        ("text/csv;q=0.5, application/json;q=0.5", JSON),
        ("application/json;q=0, */*", CSV),
        ("text/csv; charset=utf-8", CSV),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        (f"{PARQUET};q=1, */*;q=0.2", PARQUET),
    ],
)
def test_the_type_that_is_liked_best_is_chosen(accept: str, kind: str) -> None:
    assert chosen(accept) == kind


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "text/csv;q=odd", ",", "nonsense"])
def test_a_type_that_is_not_offered_is_406(accept: str) -> None:
    with pytest.raises(HTTPException) as refused:
        chosen(accept)

    assert refused.value.status_code == 406
