"""One dataset folder: open, migrate, read, write. The only part of Plumbline that knows DuckDB."""

from analysis.store.database import DATABASE, Transaction, quote
from analysis.store.dataset import JOURNAL, SOURCE, Store, claim
from analysis.store.workspace import dataset_names, free_bytes, open_store, read_if_sound

__all__ = [
    "DATABASE",
    "JOURNAL",
    "SOURCE",
    "Store",
    "Transaction",
    "claim",
    "dataset_names",
    "free_bytes",
    "open_store",
    "quote",
    "read_if_sound",
]
