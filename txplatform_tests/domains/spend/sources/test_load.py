"""The collector of garbage during an ingestion."""

import gc

from txplatform.domains.spend.sources.load import OBJECTS, seldom_collected


def test_what_was_set_before_comes_back() -> None:
    before = gc.get_threshold()

    with seldom_collected():
        assert gc.get_threshold()[0] == OBJECTS
    assert gc.get_threshold() == before


def test_the_last_of_several_brings_it_back_in_whatever_order_they_end() -> None:
    before = gc.get_threshold()
    first, second = seldom_collected(), seldom_collected()

    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] == OBJECTS
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
