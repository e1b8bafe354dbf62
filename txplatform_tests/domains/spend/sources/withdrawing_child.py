"""A process that withdraws an ingestion: tests kill it wherever it happens to be."""

import sys

from pymongo import MongoClient

from txplatform.domains.spend.sources.withdrawal import withdraw

if __name__ == "__main__":
    uri, database, ingestion = sys.argv[1:]
    withdraw(MongoClient(uri)[database], ingestion, "Ann", "a draft")
