"""The program of the dashboard's process: Streamlit behind the door of the tokens."""

import os
import signal
import sys
import threading

import pyarrow as pa
from starlette.middleware import Middleware
from streamlit.starlette import App

from txplatform.serving.access import Gate
from txplatform.serving.dashboard import app as script
from txplatform.serving.dashboard.installation import installation
from txplatform.serving.dashboard.pages import pages_of_domains
from txplatform.serving.dashboard.sign_in import Door, routes
from txplatform.settings.logins import Component

OPTIONS = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
    "runner.magicEnabled": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxMessageSize": 50,
    "server.maxUploadSize": 1,
    "theme.base": "light",
    "theme.primaryColor": "#0072B2",
}


def main(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM.

    The servers are opened, and the pages and Arrow are loaded, before any thread of a reader: the
    first page is quick, and Arrow dies when the thread that loaded it ends.
    """
    threading.Thread(target=end_with_parent, daemon=True).start()
    pa.set_memory_pool(pa.system_memory_pool())
    pages_of_domains()
    platform = installation()
    deciding = platform.acting(Component.DECIDE)
    gate = Gate(deciding.engine, platform.settings.local_user)
    app = App(
        script.__file__,
        routes=routes(gate),
        middleware=[Middleware(Door, platform=deciding, gate=gate)],
    )
    app.run(config={**OPTIONS, "server.address": host, "server.port": port})


def end_with_parent() -> None:
    """Wait for the end of the pipe that the parent holds open, then stop this process.

    Not read but `os.read`: at exit Python would wait for a lock of `sys.stdin`.
    """
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
