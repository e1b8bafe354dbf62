"""An Airflow operator that asks Dagster for partitions of assets and is green when they are right.

Every component of Airflow imports this package: the triggerer of Airflow 3 loads no DAG folder, so
it is installed as a wheel. `client`, `assets`, `runs` and `following` know Dagster's GraphQL and no
Airflow; `hook`, `operator`, `trigger`, `link` and `provider` are what Airflow sees.
"""

__version__ = "0.1.0"
