"""All pages of a list, one after the other."""

import pyarrow as pa

from txplatform.serving.paging import LARGEST_PAGE, Page, every_row


def test_every_row_comes_once_whatever_the_pages() -> None:
    asked = []
    pages = {None: ([1, 2], "b"), "b": ([3], "c"), "c": ([], None)}

    def page_after(cursor: str | None, size: int) -> Page:
        asked.append(size)
        values, following = pages[cursor]
        return Page(pa.table({"n": pa.array(values, pa.int64())}), 3, following)

    assert every_row(page_after)["n"].to_pylist() == [1, 2, 3]
    assert asked == [LARGEST_PAGE] * 3
