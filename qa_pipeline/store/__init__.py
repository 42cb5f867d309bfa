"""The room that keeps: inspections, transcripts and runs in SQLite or PostgreSQL.

`records` needs the standard library only; SQLAlchemy is loaded with `repository`, Alembic only when a schema
has to be made or brought up to date.
"""
