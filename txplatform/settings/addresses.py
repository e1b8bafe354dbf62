"""Addresses as people may see them: with neither user nor password nor token."""

import re

MASK = "***"
CREDENTIALS = re.compile(r"(?<=://)[^/\s]+@")
PARAMETERS = re.compile(
    r"(?i)(?<=[?&;])([^=&;\s]*(?:password|passphrase|token|secret|key)[^=&;\s]*=)[^&;\s]+"
)


def without_credentials(text: str) -> str:
    """A text whose addresses tell nobody how to get in."""
    return PARAMETERS.sub(rf"\1{MASK}", CREDENTIALS.sub(f"{MASK}@", text))
