"""The pages and routes, one module for each part of the desk."""

from qa_pipeline.web.routes import account, administration, api, queue, signing_in

ROUTERS = (signing_in.router, account.router, administration.router, queue.router, api.router)
"""Every part of the application; a new page is added here."""

__all__ = ["ROUTERS"]
