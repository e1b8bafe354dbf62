"""txplatform: one house for the data of a business, domain by domain, from sources to people."""

__version__ = "0.1.0"
