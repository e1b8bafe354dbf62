"""The campaign's own accounts: purchase files, and what must stand after them, in plain Python.

Nothing here is taken from the product. Amounts are cents; the weekly rows are those of the oracle
of the spend domain, and two alert rules are counted by hand.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from txplatform_tests.domains.spend.oracle import Purchase, weekly_rows

FIRST_WEEK = date(2026, 8, 3)
WEEKS = 8
MONDAYS = [FIRST_WEEK + timedelta(weeks=number) for number in range(WEEKS)]
LIMIT = 500_00
DUPLICATE_FROM = 50_00
DEPARTMENTS = ("Roads", "Parks, 'North'", "Café")
DIVISIONS = ("Bridges", "Signs", "(unknown)")
MERCHANTS = ("ACME", "SHELL", "GRAINGER", "BP")
UNREADABLE = ("{id},Roads,Signs,ACME,2026-02-30,1.00", "{id},Roads,Signs,ACME,2026-08-03,12.345")


class Row(NamedTuple):
    """One readable row of a file; `id` is empty where its layout has none."""

    id: str
    department: str
    division: str
    merchant: str
    day: date
    cents: int

    def line(self) -> str:
        """The row as its file has it."""
        department = f'"{self.department}"'
        amount = Decimal(self.cents).scaleb(-2)
        return f"{self.id},{department},{self.division},{self.merchant},{self.day},{amount}"


class File(NamedTuple):
    """A purchase file, and what a reader of it must find."""

    path: Path
    layout: str
    rows: tuple[Row, ...]
    refused: int

    @property
    def has_ids(self) -> bool:
        """Whether its layout names a column of ids."""
        return self.layout == "ids"


class Accounts:
    """What all files that were taken in so far add up to."""

    def __init__(self) -> None:
        self.files: list[File] = []
        self.by_id: dict[str, Row] = {}
        self.replaced: Counter[Row] = Counter()
        self.plain: Counter[Row] = Counter()

    def take(self, file: File) -> None:
        """Book a file: corrections replace, repetitions of earlier files do not count again."""
        self.files.append(file)
        if not file.has_ids:
            self.plain |= Counter(file.rows)
            return
        for row in file.rows:
            if (known := self.by_id.get(row.id)) and known != row:
                self.replaced[known] += 1
            self.by_id[row.id] = row

    def take_back(self, file: File) -> None:
        """Book a file that comes and is withdrawn: what it brought is in the history alone."""
        plain, by_id = self.plain.copy(), dict(self.by_id)
        self.take(file)
        self.files.remove(file)
        self.replaced += self.plain - plain
        self.replaced += Counter(row for key, row in self.by_id.items() if by_id.get(key) != row)
        self.plain, self.by_id = plain, by_id

    def rows(self) -> list[Row]:
        """Every purchase that stands."""
        return [*self.plain.elements(), *self.by_id.values()]

    def weekly(self) -> list[dict[str, Any]]:
        """The rows of `weekly_transactions`."""
        return weekly_rows(
            Purchase(one.day, one.department, one.division, one.cents) for one in self.rows()
        )

    def alerts(self) -> Counter[tuple[str, str, str, str, date, int]]:
        """The alerts SPLIT and DUPLICATE: rule, who, where, when, and of how many purchases."""
        groups: dict[tuple[str, str, str, date], list[int]] = defaultdict(list)
        for one in self.rows():
            groups[one.department, one.division, one.merchant, one.day].append(one.cents)
        found: Counter[tuple[str, str, str, str, date, int]] = Counter()
        for (department, division, merchant, day), cents in groups.items():
            small = [one for one in cents if 0 < one <= LIMIT]
            if len(small) > 1 and sum(small) > LIMIT:
                found["SPLIT", department, division, merchant, day, len(small)] += 1
            for amount, count in Counter(cents).items():
                if count > 1 and amount >= DUPLICATE_FROM:
                    found["DUPLICATE", department, division, merchant, day, count] += 1
        return found


def write_file(accounts: Accounts, random: Random, path: Path, size: int) -> File:
    """A file of new rows, twins, repetitions, corrections and rows that cannot be read."""
    layout = random.choice(("plain", "ids"))
    known = list(accounts.by_id.values() if layout == "ids" else accounts.plain)
    rows: dict[object, Row] = {}
    for number in range(size):
        row = _new_row(random, f"{path.stem}-{number}" if layout == "ids" else "")
        if known and random.random() < 0.25:
            row = _known_again(random, random.choice(known))
        rows[row.id or number] = row
        if not row.id and random.random() < 0.15:
            rows[number, "twin"] = row
    unreadable = [random.choice(UNREADABLE) for _ in range(random.randrange(4))]
    lines = [one.line() for one in rows.values()]
    for number, text in enumerate(unreadable):
        lines.insert(random.randrange(len(lines)), text.format(id=f"{path.stem}-bad-{number}"))
    text = "\n".join(("id,department,division,merchant,day,amount", *lines))
    path.write_text(text + "\n", encoding="utf-8")
    return File(path, layout, tuple(rows.values()), len(unreadable))


def _new_row(random: Random, name: str) -> Row:
    cents = random.choice((random.randint(1, 60_000), 250_00, 300_00, -random.randint(1, 9_000)))
    day = random.choice(MONDAYS) + timedelta(days=random.randrange(7))
    department, division = random.choice(DEPARTMENTS), random.choice(DIVISIONS)
    return Row(name, department, division, random.choice(MERCHANTS), day, cents)


def _known_again(random: Random, known: Row) -> Row:
    """A row of an earlier file: the same, or with an id and other contents."""
    if not known.id or random.random() < 0.3:
        return known
    return _new_row(random, known.id)


def lines_of(files: Iterable[File]) -> int:
    """How many rows the files have below their headers."""
    return sum(len(file.rows) + file.refused for file in files)
