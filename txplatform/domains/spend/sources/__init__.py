"""What arrives: layouts, parsing rules, identity, ingestion with its quarantine, and the sample.

`ingest.ingest_file` takes a file and `collection.ingest_collection` a company's MongoDB
collection; both are driven by a layout (`layouts.load_layout`) and end in `transactions`.
"""
