"""The room with the screen: the review desk as a web application (FastAPI, Jinja2, htmx).

Pages and the routes under /api/v1 do nothing of their own: they check who asks, call `review` and `store`,
and show what comes back. README.md tells how a page is added.
"""
