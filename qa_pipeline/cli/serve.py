"""`qa serve`: the review desk."""

from __future__ import annotations

import errno
import socket
from contextlib import closing, suppress
from typing import Annotated

import typer

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import message


def serve(
    host: Annotated[
        str, typer.Option("--host", help=_("Address to listen on; 0.0.0.0 for the whole network."))
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help=_("Port to listen on."))] = 8000,
) -> None:
    """Open the desk until it is interrupted; on a store without accounts, make the first administrator."""
    import uvicorn

    from qa_pipeline.assembly import open_configured_store, ready_data_folder
    from qa_pipeline.config import load_settings
    from qa_pipeline.web.app import create_app
    from qa_pipeline.web.sign_in import FIRST_ADMIN, ensure_admin

    settings = load_settings()
    ready_data_folder(settings.data_folder)
    with closing(_listening(host, port)) as place, open_configured_store(settings) as store:
        application = create_app(settings, store)
        password = ensure_admin(store.accounts)
        if password is not None:
            typer.echo(
                _("First start. Sign in as {name} with the one-time password {password}").format(
                    name=FIRST_ADMIN, password=password
                )
            )
            typer.echo(_("It is shown this once; qa user add NAME makes further accounts."))
        typer.echo(_("Review desk: {address} (stop with Ctrl-C)").format(address=f"http://{host}:{port}"))
        # Addresses of pages hold call ids, which may tell of persons: no access log.
        served = uvicorn.Config(application, log_level="warning", access_log=False)
        with suppress(KeyboardInterrupt):  # how it is stopped
            uvicorn.Server(served).run(sockets=[place])
        typer.echo(_("The review desk has stopped."))


def _listening(host: str, port: int) -> socket.socket:
    """The address, taken before anything is shown.

    Raises:
        ConfigurationError: address_unusable.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    place = socket.socket(family)
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind((host, port))
        place.listen()
    except OSError as error:
        place.close()
        address, reason = f"{host}:{port}", error.strerror or str(error)
        told = message(
            "nothing can listen on {address}: {reason}. Choose another --host or --port",
            address=address,
            reason=reason,
        )
        if error.errno == errno.EADDRINUSE:
            told = message(
                "{address} is taken, perhaps by another qa serve. Choose another --port, or end that one",
                address=address,
            )
        raise ConfigurationError("address_unusable", told) from error
    return place
