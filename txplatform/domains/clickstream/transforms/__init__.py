"""Every table once more, from the log, in plain Python: what the check compares the stream with."""
