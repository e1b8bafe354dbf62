"""The `txplatform` command: errors meant for a person become one sentence and an exit code."""

import errno
import signal
import sys

from txplatform.errors import PlatformError, UsageError

WRITTEN = "written"
REFUSALS = {
    errno.ENOSPC: WRITTEN,
    errno.EDQUOT: WRITTEN,
    errno.EROFS: WRITTEN,
    errno.EACCES: "used",
}
"""What an error of the system says of a path; a missing permission may be that to read it."""

FAILED, WRONG_USAGE, INTERRUPTED, TERMINATED = 1, 2, 130, 143


def main() -> None:
    """Run the command line; exits with 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    # As Ctrl-C does: whatever was started is stopped, nothing is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        from txplatform.cli.app import app  # in here: Ctrl-C may come while it is imported

        app(prog_name="txplatform")
    except KeyboardInterrupt:
        _interrupted()
    except UsageError as error:
        _stop(str(error), WRONG_USAGE)
    except PlatformError as error:
        _stop(str(error), FAILED)
    except SystemExit as stop:
        # Typer turns Ctrl-C into this code and says nothing.
        if stop.code == INTERRUPTED:
            _interrupted()
        raise
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        what = REFUSALS[error.errno]
        _stop(f"{error.filename or 'The disk'} cannot be {what}: {error.strerror}.", FAILED)


def _interrupted() -> None:
    _stop("Interrupted; the same command continues where this one stopped.", INTERRUPTED)


def _stop(sentence: str, code: int) -> None:
    print(_presentable(sentence), file=sys.stderr)
    sys.exit(code)


def _presentable(sentence: str) -> str:
    """Without secrets, on one line that commands no terminal: names of files come from others."""
    from txplatform.cli.console import visible
    from txplatform.settings.masking import masked

    return visible(masked(sentence)).replace("\n", r"\n")


if __name__ == "__main__":
    main()
