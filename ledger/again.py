"""Do a whole transaction again that PostgreSQL undid because it met another.

PostgreSQL 18, 13.5 "Serialization Failure Handling": 40001 and 40P01 may be answered by doing
all of the transaction again, with whatever it decided by what it read.
"""

from __future__ import annotations

import random
import time
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ledger.errors import CrossedError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

CODES = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
PAUSES = (0.02, 0.05, 0.1, 0.2)  # seconds, on average, before each further try


def is_crossed(error: BaseException) -> bool:
    """Tell whether PostgreSQL undid a transaction because of another one."""
    return getattr(error.__cause__, "pgcode", None) in CODES


def again_if_crossed(act: Callable[P, R]) -> Callable[P, R]:
    """Have `act`, a function that is one transaction, done again if it met another.

    For what reads anew all that it decides by and has no effect outside the database but by
    `transaction.on_commit`.  Within a transaction of somebody else it is done once: only the
    whole can be done again.  Raises CrossedError when it was undone each time.
    """

    @wraps(act)
    def done(*args: P.args, **kwargs: P.kwargs) -> R:
        # here, for the ledger's door opens without Django
        from django.db import OperationalError, connection

        if connection.in_atomic_block:
            return act(*args, **kwargs)
        for pause in (*PAUSES, None):
            try:
                return act(*args, **kwargs)
            except OperationalError as error:
                if not is_crossed(error):
                    raise
                if pause is None:
                    raise CrossedError from error
            # not all at once again
            time.sleep(random.uniform(0, 2 * pause))  # noqa: S311  no secret
        raise AssertionError

    return done
