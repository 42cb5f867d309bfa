"""`qa serve`: the review desk."""

from __future__ import annotations

from typing import Annotated

import typer

from qa_pipeline.i18n import gettext as _


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
    with open_configured_store(settings) as store:
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
        uvicorn.run(create_app(settings, store), host=host, port=port, log_level="warning", access_log=False)
