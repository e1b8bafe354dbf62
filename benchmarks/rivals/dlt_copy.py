"""dlt 1.31: the collection into PostgreSQL, then SQL; run by the Python that `--dlt-python` names.

python benchmarks/rivals/dlt_copy.py MONGO_DATABASE — the two addresses come on standard input, so
that no password is among the arguments.
"""

import sys

SQL = """
CREATE TABLE by_dlt_documents AS
SELECT transaction_date::date AS day, department, division, amount::numeric(18,2) AS amount
FROM by_dlt.transactions"""


def main() -> None:
    """Load the collection and leave the table `by_dlt_documents`, as the SQL way has it."""
    import dlt  # type: ignore[import-not-found]  # in an environment of its own
    import psycopg2
    from pymongo import MongoClient

    mongo_uri, postgres_url = (line.strip() for line in sys.stdin)
    fields = ("transaction_date", "department", "division", "amount")

    @dlt.resource(name="transactions", write_disposition="replace")
    def transactions():  # type: ignore[no-untyped-def]
        client: MongoClient[dict[str, object]] = MongoClient(mongo_uri)
        found = client[sys.argv[1]]["transactions"].find(
            {}, {"_id": 0, **dict.fromkeys(fields, 1)}, batch_size=20_000
        )
        page = []
        for one in found:
            page.append({**one, "amount": str(one["amount"])})
            if len(page) == 20_000:
                yield page
                page = []
        yield page

    target = dlt.destinations.postgres(postgres_url)
    pipeline = dlt.pipeline("benchmark", destination=target, dataset_name="by_dlt")
    pipeline.run(transactions())
    with psycopg2.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS by_dlt_documents")
        cursor.execute(SQL)


if __name__ == "__main__":
    main()
