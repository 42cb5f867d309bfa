"""The pages and routes, one module for each part of the desk."""

from qa_pipeline.web.routes import (
    account,
    actions,
    administration,
    api,
    calls,
    nights,
    queue,
    scorecards,
    signing_in,
    sound,
)

ROUTERS = (
    signing_in.router,
    account.router,
    administration.router,
    queue.router,
    calls.router,
    actions.router,
    sound.router,
    scorecards.router,
    nights.router,
    api.router,
)
"""Every part of the application; a new page is added here."""

__all__ = ["ROUTERS"]
