"""A workspace: a folder of datasets."""

import difflib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb

from analysis.errors import NoSuchThing
from analysis.store.database import DATABASE
from analysis.store.dataset import Store

Found = TypeVar("Found")


def dataset_names(workspace: Path) -> list[str]:
    """The datasets of a workspace, sorted."""
    if not workspace.is_dir():
        return []
    return sorted(path.parent.name for path in workspace.glob(f"*/{DATABASE}") if not path.parent.name.startswith("."))


def open_store(workspace: Path, name: str) -> Store:
    """Open a dataset by name. Raises NoSuchThing with the names there are."""
    names = dataset_names(workspace)
    if name not in names:
        listed = ", ".join(names) or "none yet"
        close = difflib.get_close_matches(name, names, n=1)
        meant = f"Did you mean {close[0]!r}? " if close else ""
        raise NoSuchThing(
            f"There is no dataset {name!r} in {workspace}.",
            f"{meant}Datasets here: {listed}. Load one with `load FILE --name {name}` or on the Load page.",
        )
    return Store(workspace / name)


def read_if_sound(folder: Path, ask: Callable[[Store], Found]) -> Found | None:
    """What the dataset in `folder` answers; None where its database is damaged. Raises DatasetBusy."""
    try:
        with Store(folder) as store:
            return ask(store)
    except duckdb.Error:
        return None


def free_bytes(folder: Path) -> int:
    """Free space on the disk that holds `folder`."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
