"""Files for the command line, and a command in a process of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
CSV = "name,message,intent\na,one,x\nb,two,y\nc,three,\n"
HOSTILE = 'name,message,intent\na,"\x1b[31mred\x1b]0;owned\x07\u202e",x\x9b2J\nb,two,y\n'
Result = tuple[int, str, str]


def process(*words: object, **options: Any) -> "subprocess.CompletedProcess[str]":
    """`python -m analysis` with these words."""
    command = [sys.executable, "-m", "analysis", *map(str, words)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, **options)
