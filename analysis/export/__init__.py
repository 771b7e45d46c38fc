"""Source + verdicts → a file in the format of your choice, the record of every decision, and a manifest."""

from analysis.export.write import FORMATS, ExportReport, export, export_bytes
from analysis.queries.corrected import Preview, preview

__all__ = ["FORMATS", "ExportReport", "Preview", "export", "export_bytes", "preview"]
