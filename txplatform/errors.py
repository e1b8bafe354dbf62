"""The errors that a person reads: one sentence that says what, where and what to do.

Every module raises these for causes outside the program (bad input, an unreachable server,
a full disk). The command line and Dagster show the sentence and no stack trace.
"""


class PlatformError(Exception):
    """Base of all errors whose message is meant for a person. Exit code 1."""


class UsageError(PlatformError):
    """What was asked for cannot be done as asked: a wrong key, option or setting. Exit code 2."""


class SettingsError(UsageError):
    """A setting has a value that cannot be used; the message names the variable."""


class ServerError(PlatformError):
    """A server cannot be started, reached or used; the message says which and what to do."""


class SourceError(PlatformError):
    """A source file or collection cannot be read as a whole; nothing of it was half-loaded.

    `kind` is one word for what happened and `facts` are the figures in the sentence, for who says
    it in another language; of most errors nobody does, and `kind` is empty.
    """

    def __init__(self, sentence: str, kind: str = "", **facts: int) -> None:
        super().__init__(sentence)
        self.kind, self.facts = kind, facts


class NoTableError(SourceError):
    """What was read holds nothing that could be the rows asked for: a cover sheet, notes."""


class UnansweredError(SourceError):
    """Somebody else's service gave no usable answer this time; its domain tells when that lasts."""


class ReconciliationError(PlatformError):
    """Numbers that must agree do not; nothing was written."""
