"""What a web process does once, so that no person's click pays for it."""

import gc

from django.urls import get_resolver


def get_ready() -> None:
    """Load every page and call, and take what is loaded out of the garbage collector's rounds.

    A full round over the loaded code takes longer than answering, and frees none of it.
    """
    get_resolver().reverse_dict  # noqa: B018  reading it imports the views and their addresses
    gc.collect()
    gc.freeze()
