"""The papers of an audit run: the document of each call, and the report."""

from __future__ import annotations

from qa_pipeline.reports.document import call_document

__all__ = ["call_document"]
