"""What the PostgreSQL tables share: their metadata, and the types of money, shares and instants."""

from sqlalchemy import MetaData, Numeric

from txplatform import money

metadata = MetaData()
MONEY = money.SQL
SHARE = Numeric(28, 6)
PERCENT = Numeric(28, 4)
