"""Run the API: granian's server inside this process, so there is no worker that could outlive it.

`kill -9` ends it with everything: the port is its own, and PostgreSQL stops with its last holder.
"""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from api.postgres.database import database
from api.settings import Settings

HEADER_MS = 10_000
BACKLOG = 1024
GRACE_SECONDS = 4.0
_TO_STDERR = {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
# Standard output is for what commands answer.
LOG = {"handlers": {"console": _TO_STDERR, "access": _TO_STDERR}}
POLL_SECONDS = 0.02

Factory = Callable[[Settings, str, str], Any]


class PortUnusable(Exception):
    """Another process listens there already, or the address is not this machine's."""


class NotStarted(Exception):
    """The application's own start failed; the reason is in the log on standard error."""


def serve(settings: Settings, on_ready: Callable[[str], None], factory: Factory) -> None:
    """Serve until SIGINT or SIGTERM, then stop everything within five seconds: requests in flight get four.

    `on_ready` is called with the URL once it can be reached; port 0 takes a free one. `factory` is
    `api.app.create_app`: the application from settings, admin_url and app_url. Raises PortUnusable,
    NotStarted, embedded.EmbeddedError and what the factory raises.
    """
    port = _free_port(settings.host, settings.port)
    with database(settings) as addresses:
        app = factory(settings, addresses.admin_url, addresses.app_url)
        gc.freeze()  # What stays as long as the process is not looked through again for garbage.
        asyncio.run(_serve(app, settings.host, port, on_ready))


async def _serve(app: Any, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        backlog=BACKLOG,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MS),
        log_level=LogLevels.error,
        log_dictconfig=LOG,
    )
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    serving = asyncio.create_task(server.serve())
    ready = asyncio.create_task(_announce(host, port, on_ready))
    ready.add_done_callback(lambda task: None if task.cancelled() or not task.exception() else asked.set())
    stopping = asyncio.create_task(asked.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    if not asked.is_set():
        ready.cancel()
        raise NotStarted("the server could not start; the log above says why") from serving.exception()
    server.stop()
    done, _ = await asyncio.wait((serving,), timeout=GRACE_SECONDS)
    if not done:
        # A thread in the middle of a request cannot be stopped, and an orderly exit would wait for it.
        # PostgreSQL stops all the same: its hold on us ends with the process.
        sys.stdout.flush()
        os._exit(0)
    if ready.done():
        ready.result()
    ready.cancel()


async def _announce(host: str, port: int, on_ready: Callable[[str], None]) -> None:
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(address, port)
            writer.close()
            break
        await asyncio.sleep(POLL_SECONDS)
    on_ready(f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}")


def _free_port(host: str, port: int) -> int:
    """Granian shares its port with whoever asks for the same, silently: make sure that it is ours alone."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortUnusable(
                f"cannot listen on {host} port {port}: {error.strerror}; choose another with CALLBOARD_PORT"
            ) from None
        return probe.getsockname()[1]
