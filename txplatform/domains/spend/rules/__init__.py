"""The alert rules: which purchases a controller should look at, and why (docs/alerts.md).

`catalogue.py` declares them (code, version, severity, sentences) and `rules.toml` their
parameters; both load neither Spark nor Dagster, so that the pages can read them. One small
function per rule lives in `limits`, `counterparts`, `policy` and `outliers`; `engine.py` runs the
active ones over `purchases.Purchases`; `benford.py` looks at whole departments.
"""
