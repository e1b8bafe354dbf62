"""The read side: what gold says, from its copies in MongoDB (lists) and PostgreSQL (values)."""
