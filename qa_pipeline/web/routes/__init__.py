"""The pages and routes, one module for each part of the desk."""

from qa_pipeline.web.routes import account, api, queue, signing_in

ROUTERS = (signing_in.router, account.router, queue.router, api.router)
"""Every part of the application; a new page is added here."""

__all__ = ["ROUTERS"]
