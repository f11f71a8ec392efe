"""The two verifiers that travel in every bundle, as files."""

from __future__ import annotations

from functools import cache

from ledger.verifier.build import verify_py
from ledger.verifier.build_page import verify_html


@cache
def verifiers() -> dict[str, bytes]:
    """Return verify.py and verify.html by their names; the same parts give the same bytes."""
    return {"verify.py": verify_py(), "verify.html": verify_html()}
