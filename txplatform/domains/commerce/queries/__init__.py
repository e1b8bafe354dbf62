"""The read side: what gold says, from its copy in PostgreSQL."""
