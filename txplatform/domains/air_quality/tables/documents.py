"""The MongoDB collections: hours as received, what they replaced, and the fetches."""

AIR_HOURS = "air_hours"
"""One document per station and hour: `_id` (station|hour), station_id, hour_start (UTC), values
(decimals as received; absent stays absent), is_partial, is_duplicate, fetched_at, fetch_id,
version."""

AIR_HOURS_HISTORY = "air_hours_history"
"""Documents that a later answer replaced, with `replaced_at`."""

FETCHES = "fetches"
"""One document per fetch or import: what was asked, what came, and the sentence of a failure."""

INDEXES: dict[str, list[tuple[tuple[str, ...], None]]] = {
    AIR_HOURS: [(("station_id", "hour_start"), None)],
    AIR_HOURS_HISTORY: [(("station_id", "hour_start"), None)],
    FETCHES: [(("station_id", "started_at"), None)],
}
