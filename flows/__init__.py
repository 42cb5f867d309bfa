"""The same inspection, run unattended: Prefect flows over shards of calls.

Nothing here is imported before a command needs it; only the modules that define flows import Prefect.
"""
