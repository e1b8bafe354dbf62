"""Whole tables of the published invoices as an analyst reads them: months, countries, hours."""

import pytest

from txplatform_tests.domains.commerce.conftest import PublishedGold
from txplatform_tests.domains.commerce.shops import values

SALES_MONTH_OF_ONLINE_RETAIL = """
    month      | order_count | customer_count | refund_amount | net_amount | average_order
    2010-12-01 | 1550        | 884            | -17607.86     | 760323.91  | 501.89
    2011-01-01 | 1081        | 739            | -91526.30     | 580406.89  | 621.58
    2011-02-01 | 1093        | 757            | -8375.87      | 500510.33  | 465.59
    2011-03-01 | 1440        | 973            | -10675.30     | 680582.31  | 480.04
    2011-04-01 | 1235        | 853            | -33316.91     | 482901.21  | 417.99
    2011-05-01 | 1668        | 1054           | -8948.23      | 732244.18  | 444.36
    2011-06-01 | 1525        | 990            | -13760.84     | 724991.03  | 484.43
    2011-07-01 | 1452        | 946            | -11409.21     | 677955.20  | 474.77
    2011-08-01 | 1339        | 933            | -22929.52     | 702583.98  | 541.83
    2011-09-01 | 1818        | 1259           | -17044.68     | 1013430.68 | 566.82
    2011-10-01 | 2005        | 1361           | -43992.16     | 1062677.66 | 551.96
    2011-11-01 | 2751        | 1660           | -25010.54     | 1432734.99 | 529.90
    2011-12-01 | 816         | 614            | -174126.76    | 441366.51  | 754.28
"""

SALES_COUNTRY_OF_ONLINE_RETAIL = """
    country              | order_count | customer_count | net_amount | share
    Australia            | 56          | 9              | 136990.00  | 0.013989
    Austria              | 17          | 11             | 8698.32    | 0.000888
    Bahrain              | 3           | 2              | 548.40     | 0.000056
    Belgium              | 98          | 25             | 36662.96   | 0.003744
    Brazil               | 1           | 1              | 1143.60    | 0.000117
    Canada               | 5           | 4              | 3115.44    | 0.000318
    Channel Islands      | 25          | 9              | 19936.29   | 0.002036
    Cyprus               | 14          | 8              | 12931.29   | 0.001321
    Czech Republic       | 2           | 1              | 671.72     | 0.000069
    Denmark              | 18          | 9              | 18042.14   | 0.001842
    EIRE                 | 282         | 3              | 259663.46  | 0.026516
    European Community   | 3           | 1              | 1150.75    | 0.000118
    Finland              | 40          | 12             | 18303.54   | 0.001869
    France               | 382         | 87             | 182163.39  | 0.018602
    Germany              | 443         | 94             | 200808.40  | 0.020506
    Greece               | 5           | 4              | 4425.52    | 0.000452
    Hong Kong            | 7           | 0              | 9942.04    | 0.001015
    Iceland              | 7           | 1              | 4310.00    | 0.000440
    Israel               | 8           | 3              | 7907.82    | 0.000808
    Italy                | 35          | 14             | 15276.34   | 0.001560
    Japan                | 19          | 8              | 35419.79   | 0.003617
    Lebanon              | 1           | 1              | 1693.88    | 0.000173
    Lithuania            | 4           | 1              | 1661.06    | 0.000170
    Malta                | 5           | 2              | 1980.47    | 0.000202
    Netherlands          | 93          | 9              | 283479.54  | 0.028948
    Norway               | 32          | 10             | 32292.96   | 0.003298
    Poland               | 19          | 6              | 6853.14    | 0.000700
    Portugal             | 50          | 19             | 26871.52   | 0.002744
    RSA                  | 1           | 1              | 1002.31    | 0.000102
    Saudi Arabia         | 1           | 1              | 131.17     | 0.000013
    Singapore            | 4           | 1              | 9120.39    | 0.000931
    Spain                | 88          | 30             | 51765.20   | 0.005286
    Sweden               | 34          | 8              | 35176.91   | 0.003592
    Switzerland          | 50          | 21             | 52505.35   | 0.005362
    USA                  | 5           | 4              | 1730.92    | 0.000177
    United Arab Emirates | 2           | 2              | 1864.78    | 0.000190
    United Kingdom       | 17901       | 3916           | 8301718.28 | 0.847745
    Unspecified          | 13          | 4              | 4749.79    | 0.000485
"""

GROWTH_OF_ONLINE_RETAIL = """
    month      | change_pct | yoy_pct
    2010-12-01 |            |
    2011-01-01 | -23.6632   |
    2011-02-01 | -13.7656   |
    2011-03-01 | 35.9777    |
    2011-04-01 | -29.0459   |
    2011-05-01 | 51.6344    |
    2011-06-01 | -0.9905    |
    2011-07-01 | -6.4878    |
    2011-08-01 | 3.6328     |
    2011-09-01 | 44.2434    |
    2011-10-01 | 4.8594     |
    2011-11-01 | 34.8231    |
"""

SALES_HOUR_OF_ONLINE_RETAIL = """
    hour | order_count | net_amount
    0    | 0           | 0.00
    1    | 0           | 0.00
    2    | 0           | 0.00
    3    | 0           | 0.00
    4    | 0           | 0.00
    5    | 0           | 0.00
    6    | 1           | -281.35
    7    | 29          | 30419.32
    8    | 565         | 277586.54
    9    | 1471        | 771953.47
    10   | 2339        | 1297534.06
    11   | 2373        | 1164150.97
    12   | 3204        | 1398462.54
    13   | 2730        | 1183967.14
    14   | 2419        | 1099435.79
    15   | 2310        | 1257599.03
    16   | 1315        | 691070.78
    17   | 662         | 423006.85
    18   | 192         | 135154.09
    19   | 145         | 46626.68
    20   | 18          | 16022.97
    21   | 0           | 0.00
    22   | 0           | 0.00
    23   | 0           | 0.00
"""

TABLES = {
    ("online_retail", "sales_month"): SALES_MONTH_OF_ONLINE_RETAIL,
    ("online_retail", "sales_country"): SALES_COUNTRY_OF_ONLINE_RETAIL,
    ("online_retail", "growth"): GROWTH_OF_ONLINE_RETAIL,
    ("online_retail", "sales_hour"): SALES_HOUR_OF_ONLINE_RETAIL,
}


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_a_table_reads(name: str, table: str, published_gold: PublishedGold) -> None:
    header, *rows = [
        tuple(cell.strip() for cell in line.split("|"))
        for line in TABLES[name, table].strip().splitlines()
    ]

    found = values(published_gold(name)[table], header)

    assert [tuple("" if cell == "None" else cell for cell in row) for row in found] == rows
