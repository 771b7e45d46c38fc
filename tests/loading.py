"""A file becomes a dataset without a reading process of its own, which takes longer than most tests."""

from pathlib import Path

import pyarrow as pa

from analysis.load.guess import guess_roles
from analysis.load.options import Limits, ReadFile, ReadOptions
from analysis.load.parse import files_of, fingerprint, parse
from analysis.load.roles import RoleNames, roles_from_names
from analysis.load.save import save
from analysis.load.table import read_parts
from analysis.schema import Roles


def loaded(
    path: Path,
    folder: Path,
    roles: Roles | RoleNames | None = None,
    options: ReadOptions | None = None,
    *,
    replace: bool = False,
) -> Path:
    """The folder of the dataset `data` in the workspace `folder`, made from the file or files at `path`."""
    paths = files_of(path)
    scratch = folder.with_name("scratch")
    scratch.mkdir(exist_ok=True)
    parsed = parse(paths, options or ReadOptions(), Limits(), scratch, lambda share: None)
    with pa.OSFile(str(scratch / "rejected.arrow")) as file:
        rejected = pa.ipc.open_file(file).read_all().to_pandas()
    sha256, size = fingerprint(paths)
    found = ReadFile(
        name=path.name,
        format=parsed.findings.format,
        options=parsed.findings.options,
        columns=parsed.columns,
        cells=read_parts(scratch, parsed.parts, len(parsed.columns), mapped=False),
        rejected=rejected,
        sha256=sha256,
        size_bytes=size,
    )
    if not isinstance(roles, Roles):
        roles = roles_from_names(found.columns, roles or RoleNames(), guess_roles(found))
    return save(folder, found, path, "data", roles, replace=replace).folder
