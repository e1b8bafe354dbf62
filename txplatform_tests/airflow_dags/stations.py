"""Two stations that tell hours, and a shop's files, for the DAGs of both versions of Airflow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from txplatform_tests.domains.air_quality.network import Asked, Reply, hours, record

STATION = "283164601"
HOURS_PER_DAY = 24


def days_ago(count: int) -> datetime:
    """The start of a day (UTC) before today."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=count)


def telling(n_days: int, value: float, only: str | None = None) -> "Answer":
    """Answers with whole days up to yesterday; of one station only, where one is named."""
    start = days_ago(n_days)
    moments = [start + timedelta(hours=n) for n in range(n_days * HOURS_PER_DAY)]
    lines = [record(f"{at:%Y-%m-%d %H:%M:%S}", pm25=value + at.hour / 10) for at in moments]
    said = hours(*lines)
    return Answer(said, only)


class Answer:
    """What the network says to each request."""

    def __init__(self, said: str, only: str | None) -> None:
        self._said, self._only = said, only

    def __call__(self, asked: Asked) -> Reply:
        """Hours, or that the station's login is refused."""
        if self._only and not asked.path.endswith(self._only):
            return Reply("{}", 401)
        return Reply(self._said)


def drop_a_shop(folder: Path) -> None:
    """Put a client and two purchases into the shop's drop folder."""
    (folder / "clients.csv").write_text(
        "id_client,nom,email,date_inscription,pays\n1,Ada,ada@example.org,2025-01-02,France\n",
        encoding="utf-8",
    )
    (folder / "achats.csv").write_text(
        "id_achat,id_client,date_achat,montant,produit\n"
        "1,1,2025-10-03,80.41,Mouse\n2,1,2025-10-04,19.59,Desk\n",
        encoding="utf-8",
    )
