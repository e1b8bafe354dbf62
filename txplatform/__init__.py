"""txplatform: weekly control of a company's spend, from MongoDB through Spark to PostgreSQL."""

__version__ = "0.1.0"
