"""Plain clients for MongoDB, PostgreSQL, Spark, the lake and files; no Dagster, no business."""
