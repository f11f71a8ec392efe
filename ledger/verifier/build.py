"""Make verify.py: the parts in one file, the same bytes for the same parts.

`python -m ledger.verifier.build` writes it to standard output or `--out`; `--check` compares it
with a file at hand.
"""

from __future__ import annotations

import argparse
import ast
import sys
from pathlib import Path

HERE = Path(__file__).parent
PARTS = (
    "findings", "hashes", "tree", "strict_json", "envelope", "notes", "zip_form", "archive",
    "manifest", "files", "blocks", "stream", "trust", "heads", "erasures", "webauthn",
    "signatures", "replay", "rules", "checkpoints", "der", "timestamps", "anchors",
    "single_files", "receipts", "report", "bundle", "main",
)  # fmt: skip
HEAD = '''\
#!/usr/bin/env python3
# Copyright the annotation ledger's authors.  Licensed under the Apache License, Version 2.0:
# https://www.apache.org/licenses/LICENSE-2.0.  Without warranties or conditions of any kind.
"""Verify a record of the annotation ledger, offline and without its software.

    python3 verify.py BUNDLE.zip --key VKEY [--checkpoint NOTE] [--receipt FILE]
                      [--witness VKEY] [--tsa PEM] [--hashes-only] [--json]

Needs Python 3.9 or later and the package `cryptography` (42 or later).  BUNDLE.zip may also
be a receipt, a .tlog-proof or a .tlog-consistency.  Nothing is written, no network is used.

Take this file from someone you trust rather than from the bundle that you check, and compare
its digest with the one that was published:

    sha256sum verify.py           (Windows: certutil -hashfile verify.py SHA256)

It is generated from small parts; the same parts give the same bytes.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and sys.path[:1] == [os.path.dirname(os.path.abspath(__file__))]:
    del sys.path[0]  # no module that lies beside this file takes the place of a true one

'''
RULE = "# " + "-" * 94


class BuildError(Exception):
    """The parts cannot be joined into one file."""


class _Part:
    """One part: what it imports from elsewhere, what it defines and the text that remains."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.source = (HERE / f"{name}.py").read_text(encoding="utf-8")
        self.tree = ast.parse(self.source)
        self.imports: set[str] = set()
        self.needs: set[str] = set()  # other parts
        self.names: list[str] = []
        self.title = (ast.get_docstring(self.tree) or "").strip()
        self._dropped: set[int] = set()
        for node in self.tree.body:
            self._look_at(node)

    def _look_at(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            self._drop(node)  # annotations are never evaluated
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            self.names.append(node.name)
        elif isinstance(node, ast.Assign):
            targets = [t for target in node.targets for t in ast.walk(target)]
            self.names += [t.id for t in targets if isinstance(t, ast.Name)]
        elif isinstance(node, ast.Expr) and node is self.tree.body[0]:
            self._drop(node)
        elif not isinstance(node, ast.If):
            raise BuildError(f"{self.name}.py has a statement that cannot be joined.")

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self._drop(node)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ledger.verifier"):
            if any(alias.asname for alias in node.names):
                raise BuildError(f"{self.name}.py renames what it imports.")
            self.needs.add(str(node.module).rpartition(".")[2])
        elif not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            names = [n for n in node.names if n.name != "TYPE_CHECKING"]
            for name in names:
                alone = ast.unparse(type(node)(**{**vars(node), "names": [name]}))
                self.imports.add(alone)

    def _drop(self, node: ast.stmt) -> None:
        self._dropped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))

    def text(self) -> str:
        """Return what remains, under the part's title."""
        lines = self.source.splitlines()
        kept = [line for at, line in enumerate(lines, 1) if at not in self._dropped]
        title = "\n".join(f"# {line}".rstrip() for line in self.title.splitlines())
        return f"{RULE}\n{title}\n\n" + "\n".join(kept).strip("\n") + "\n"


def verify_py() -> bytes:
    """Return the bytes of verify.py; raise BuildError if the parts do not fit together."""
    parts = [_Part(name) for name in PARTS]
    seen: set[str] = set()
    names: set[str] = set()
    for part in parts:
        if not part.needs <= seen:
            raise BuildError(f"{part.name} stands before {sorted(part.needs - seen)}.")
        twice = names & set(part.names)
        if twice:
            raise BuildError(f"{part.name} defines {sorted(twice)} again.")
        seen.add(part.name)
        names |= set(part.names)
    imports = sorted(set().union(*(part.imports for part in parts)) - {"import sys"})
    body = "\n\n".join(part.text() for part in parts)
    return (HEAD + "\n".join(imports) + "\n\n" + body).encode()


def main() -> int:
    """Write verify.py, or compare it with a file; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--check", type=Path, help="compare with this file, write nothing")
    asked = parser.parse_args()
    made = verify_py()
    if asked.check:
        return 0 if asked.check.read_bytes() == made else 1
    if asked.out:
        asked.out.write_bytes(made)
    else:
        sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
