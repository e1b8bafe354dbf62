"""The read side: how the job does, and what the tables say, for API, dashboard and alarms."""
