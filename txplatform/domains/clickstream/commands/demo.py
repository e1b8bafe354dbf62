"""`clickstream demo`: a live shop, with the log in a folder or in Kafka."""

from functools import partial
from typing import Annotated

import typer

from txplatform.cli.console import Json
from txplatform.cli.demo import SAMPLE, Port, Serve, play
from txplatform.domains.clickstream import demo as of_clickstream
from txplatform.errors import UsageError

OTHERS_TOPIC = "shop-events-demo"
"""At somebody else's brokers: no made-up event comes among those of a real shop."""

Kafka = Annotated[bool, typer.Option("--kafka", help="Keep the log in Kafka, not in a folder.")]
Address = Annotated[
    str, typer.Argument(help="Broker as host:port; unset, one of our own is started.")
]


def demo(
    address: Address = "",
    is_kafka: Kafka = False,
    is_served: Serve = None,
    port: Port = 3000,
    as_json: Json = False,
) -> None:
    """Let a made-up shop write 50 events a second, process them, and show the Live page.

    Without --kafka the log is a folder: no Docker, no Kafka, no network. Ctrl-C ends all of it,
    and the next start goes on where it stopped.

    Example: txplatform clickstream demo --kafka
    """
    if address and not is_kafka:
        raise UsageError(f"Say --kafka {address} to keep the log there.")
    from txplatform.settings import export

    state = f"{SAMPLE}-kafka" if is_kafka else SAMPLE
    if address:
        state = f"{SAMPLE}-brokers"
        export(TXPLATFORM_CLICKSTREAM_TOPIC=OTHERS_TOPIC)
    live = partial(of_clickstream.demo, is_kafka=is_kafka, address=address)
    play(state, {"clickstream": live}, is_served, port, as_json)
