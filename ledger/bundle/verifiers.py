"""The two verifiers that travel in every bundle, as files."""

from __future__ import annotations

from functools import cache


@cache
def verifiers() -> dict[str, bytes]:
    """Return verify.py and verify.html by their names; the same parts give the same bytes."""
    from ledger.verifier import build  # which reads its parts from disk

    return {"verify.py": build.build(), "verify.html": build.build_page()}
