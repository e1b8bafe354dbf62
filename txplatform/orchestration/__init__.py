"""Everything of Dagster that is not a domain's: partitions, resources, the instance, runs."""
