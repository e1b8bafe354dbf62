"""What says who a customer is: kept, or hashed with the installation's key, in every silver table.

Bronze keeps what the shop sent: it is deleted by whoever may not keep it. The same text has the
same hash, so that corrections and shared addresses are still seen; without the key nobody can try
out names.
"""

import hmac

import pyarrow as pa
from pyarrow import compute as pc

from txplatform.domains.commerce.transforms.lines import UNKNOWN

COLUMNS = {"customers": ("name", "email"), "customers_history": ("name", "email")}
ABOUT_AN_EMAIL = "BAD_EMAIL"
HIDDEN = "(hidden)"


def hidden(rows: pa.Table, table: str, key: str | None) -> pa.Table:
    """Rows of a silver table without a person's name or address; as they are without a key."""
    if not key:
        return rows
    for name in COLUMNS.get(table, ()):
        rows = _replaced(rows, name, _hashed(rows[name], key))
    if table == "issues":
        is_email = pc.equal(rows["issue"], ABOUT_AN_EMAIL)
        hashed = _hashed(rows["written"], key)
        rows = _replaced(rows, "written", pc.if_else(is_email, hashed, rows["written"]))
    if table == "quarantine":
        is_person = pc.equal(rows["kind"], "customers")
        rows = _replaced(rows, "raw", pc.if_else(is_person, HIDDEN, rows["raw"]))
    return rows


def _replaced(rows: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    place = rows.column_names.index(name)
    return rows.set_column(place, rows.schema.field(name), values)


def _hashed(texts: pa.ChunkedArray, key: str) -> pa.Array:
    return pa.array([_hash(text, key) for text in texts.to_pylist()], pa.string())


def _hash(text: str | None, key: str) -> str | None:
    if text is None or text in ("", UNKNOWN):
        return text
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()
