"""The child of `flows.server`: Prefect's API on a free port of loopback while standard input is open."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

_FLUSH_SECONDS = 0.5
"""For rows not yet written; an orderly shutdown of Prefect takes seconds and writes nothing more."""


class Lifeline:
    """Ends this process when the parent does: the operating system closes the pipe even after kill -9."""

    def __init__(self) -> None:
        self._serving = False
        threading.Thread(target=self._watch, daemon=True).start()

    def serving(self) -> None:
        """From now on there is something to write before the end."""
        self._serving = True

    def _watch(self) -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        if self._serving:
            time.sleep(_FLUSH_SECONDS)
        os._exit(0)


def main() -> None:
    """Serve, and print the API's address once it answers."""
    # Prefect keeps the paths of recordings in its database, which may name people.
    os.umask(0o077)
    lifeline = Lifeline()

    import uvicorn
    from prefect.server.api.server import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            lifeline.serving()
            os.write(sys.stdout.fileno(), f"http://127.0.0.1:{port}/api\n".encode())

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = create_app(ephemeral=True, final=True)
    Server(uvicorn.Config(app, log_level="error", lifespan="on", access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()
