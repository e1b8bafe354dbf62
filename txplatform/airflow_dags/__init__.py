"""Airflow's side: the DAGs, and the wheel `txplatform-airflow` that every component imports.

It imports Airflow and `requests` only, nothing of txplatform: Airflow lives in an environment of
its own, on 3.3 or 2.11, and talks to Dagster over GraphQL. docs/airflow.md says how to install it.
"""
