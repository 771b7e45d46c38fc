"""Plumbline without a screen: load, scan, review, export. Read the modules in the order of docs/architecture.md."""

__version__ = "0.1.0"
