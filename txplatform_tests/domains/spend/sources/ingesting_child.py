"""A process that ingests one file: tests kill it wherever it happens to be."""

import sys
from pathlib import Path

from pymongo import MongoClient

from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import load_layout
from txplatform.domains.spend.sources.records import Policy

if __name__ == "__main__":
    uri, database, path, layout = sys.argv[1:]
    ingest_file(MongoClient(uri)[database], Path(path), load_layout(layout), Policy())
