"""What the tests of the rules share: rules over labelled purchases."""

import pytest
from pyspark.sql import SparkSession

from txplatform_tests.domains.spend.rules.examples import Examples


@pytest.fixture(scope="session")
def examples(spark: SparkSession) -> Examples:
    """Runs rules over labelled purchases."""
    return Examples(spark)
