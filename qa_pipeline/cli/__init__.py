"""The command line `qa`: it parses and prints, and leaves the work to the other rooms.

Heavy libraries are imported in the bodies of commands, so that help comes at once.
"""

from qa_pipeline.cli.application import build_app, main

__all__ = ["build_app", "main"]
