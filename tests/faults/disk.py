"""What a disk holds after the power went: from a trace of calls, the effects that were synced.

A file's content lasts once the file is flushed; a name lasts once its folder is.  Everything
else may be gone, and is.  POSIX.1-2024, fsync(); ext4 and XFS keep more, which nobody promised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

CALLS = (
    "openat,write,writev,pwrite64,ftruncate,fsync,fdatasync,close,mkdir,mkdirat,rename,renameat,"
    "renameat2,link,linkat,unlink,unlinkat,rmdir,sendto"
)
_LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(?:<(.*)>)?")
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FILE = re.compile(r"^(\d+)<(.*?)>")


@dataclass
class Call:
    """One call that succeeded; `ordinal` counts those of its name, failed ones too."""

    name: str
    ordinal: int
    arguments: str
    opened: str  # the path of the descriptor it returned

    @property
    def paths(self) -> list[str]:
        """The paths it names, those of descriptors too."""
        by_number = _FILE.match(self.arguments)
        return ([by_number[2]] if by_number else []) + _PATH.findall(self.arguments)

    @property
    def says(self) -> str:
        """What is sent by it, as strace quotes it."""
        return self.arguments


def read(trace: Path) -> list[Call]:
    """Read what `strace -y -e trace=CALLS` wrote of one process."""
    seen: dict[str, int] = {}
    calls = []
    for line in trace.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        name, arguments, result, opened = found.groups()
        seen[name] = seen.get(name, 0) + 1
        if int(result) >= 0:
            calls.append(Call(name, seen[name], arguments, opened or ""))
    return calls


@dataclass(eq=False)
class Inode:
    """A file: its content is on the disk, or not all of it."""

    is_synced: bool = False


@dataclass
class Disk:
    """The folders below `top`, as processes see them, and as they are after a power loss."""

    top: Path
    seen: dict[str, Inode] = field(default_factory=dict)
    kept: dict[str, Inode] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)  # made since, and seen
    lasting: set[str] = field(default_factory=set)  # of those, the ones whose name is synced
    waiting: list[tuple[str, str, Inode | None]] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)  # names given to files that were not synced

    def take(self, call: Call) -> None:
        """Take in one call."""
        inside = [path for path in call.paths if Path(path).is_relative_to(self.top)]
        if not inside:
            return
        act = getattr(self, f"_{call.name.removesuffix('at').removesuffix('at2')}", None)
        if call.name == "openat":
            if "O_CREAT" in call.arguments and inside[-1] not in self.seen:
                self._name(inside[-1], Inode())
        elif act is not None:
            act(inside)

    def _write(self, paths: list[str]) -> None:
        self.seen.setdefault(paths[0], Inode()).is_synced = False

    _writev = _pwrite64 = _ftruncate = _write

    def _fsync(self, paths: list[str]) -> None:
        place = paths[0]
        if place in self.seen:
            self.seen[place].is_synced = True
            return
        for path, what, inode in [each for each in self.waiting if _above(each[0]) == place]:
            self.waiting.remove((path, what, inode))
            if what == "folder":
                self.lasting.add(path)
            elif inode is None:
                self.kept.pop(path, None)
            else:
                self.kept[path] = inode

    _fdatasync = _fsync

    def _mkdir(self, paths: list[str]) -> None:
        self.folders.add(paths[-1])
        self.waiting.append((paths[-1], "folder", None))

    def _rename(self, paths: list[str]) -> None:
        old, new = paths
        self._name(new, self.seen[old])
        self._unlink([old])

    def _link(self, paths: list[str]) -> None:
        old, new = paths
        self._name(new, self.seen[old])

    def _unlink(self, paths: list[str]) -> None:
        self.seen.pop(paths[-1], None)
        self.waiting.append((paths[-1], "file", None))

    def _name(self, path: str, inode: Inode) -> None:
        self.seen[path] = inode
        self.waiting.append((path, "file", inode))
        if not Path(path).name.startswith(".") and not inode.is_synced:
            self.torn.append(path)

    def holds(self, path: Path) -> bool:
        """Tell whether a file made since would be there, whole, if the power went now."""
        inode = self.kept.get(str(path))
        above = [str(folder) for folder in path.parents if str(folder) in self.folders]
        return inode is not None and inode.is_synced and self.lasting.issuperset(above)


def _above(path: str) -> str:
    return path.rpartition("/")[0]
