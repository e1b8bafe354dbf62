"""The read side: what pages, API, exports and checks ask of the tables."""
