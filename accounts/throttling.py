"""Slow down guessing without letting anybody lock somebody else out.

django-axes counts failures of one account from one address.  Here are the limits that span
them: all accounts from one address, and one account from everywhere.  Neither holds for a
browser that the person signed in from before: that one is slowed by its own failures alone.
An account that nobody has is counted like any other, so that waiting tells nothing.
"""

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet

from accounts.identifiers import skeleton
from accounts.models import FailedTry, KnownBrowser, User

WINDOW = timedelta(minutes=15)
MOST_OF_ACCOUNT = 20  # failures of one account, from everywhere
MOST_OF_ADDRESS = 50  # failures from one address, over all accounts
MOST_OF_BROWSER = 5  # failures of a known browser before it is slowed
PAUSE = timedelta(seconds=30)  # between the tries of a known browser that is slowed
# NIST SP 800-63B-4, 3.2.2: no more than 100 in a row; then a browser is one like any other
MOST_IN_A_ROW = 100
KNOWN_FOR = timedelta(days=180)
KEPT = timedelta(hours=1)
KEY_BYTES = 32


@dataclass(frozen=True)
class Try:
    """One try to sign in: on record as failed until it has succeeded."""

    row: FailedTry | None
    wait: timedelta  # how long nobody may try here; zero: this one counts
    reached: int = 0  # MOST_OF_ACCOUNT or MOST_OF_ADDRESS, when this is the try that reaches it


def begin(account: str, *, address: str | None, browser: str | None, now: datetime) -> Try:
    """Count one try for `account` before it is judged, or tell how long to wait.

    It is written first, so that tries at the same moment see each other.
    """
    known = _known(account, browser, now)
    row = FailedTry.objects.create(
        account=_keyed("account", skeleton(account)),
        network=_network(address),
        browser=known.key_hash if known else "",
        at=now,
    )
    before = FailedTry.objects.filter(at__gt=now - WINDOW).exclude(pk=row.pk)
    wait = _pause_of(before, row) if known else _wait_of(before, row)
    if wait:
        FailedTry.objects.filter(pk=row.pk).delete()
        return Try(None, wait)
    if known:
        KnownBrowser.objects.filter(pk=known.pk).update(failures=F("failures") + 1)
    return Try(row, timedelta(0), 0 if known else _reached(before, row))


def take_back(this: Try) -> None:
    """Count the try no more: it was right, or nobody looked at it."""
    if this.row is not None:
        FailedTry.objects.filter(pk=this.row.pk).delete()


def remember(user: User, *, browser: str | None, now: datetime) -> str:
    """Know this browser as one that `user` signed in from; return what its cookie holds.

    A browser that several people use keeps one key, and is known for each of them.
    """
    key = browser or secrets.token_urlsafe(KEY_BYTES)
    KnownBrowser.objects.update_or_create(
        user=user,
        key_hash=_keyed("browser", key),
        defaults={"last_sign_in": now, "failures": 0},
    )
    return key


def is_known(account: str, browser: str | None, now: datetime) -> bool:
    """Tell whether the person called `account` signed in from this browser before."""
    return _known(account, browser, now) is not None


def forget_old(now: datetime) -> None:
    """Forget tries of an hour ago, and browsers that nobody used for half a year."""
    FailedTry.objects.filter(at__lt=now - KEPT).delete()
    KnownBrowser.objects.filter(last_sign_in__lt=now - KNOWN_FOR).delete()


def _known(account: str, browser: str | None, now: datetime) -> KnownBrowser | None:
    if not browser:
        return None
    found = KnownBrowser.objects.filter(
        user__identifier=skeleton(account),
        user__is_active=True,
        key_hash=_keyed("browser", browser),
        last_sign_in__gt=now - KNOWN_FOR,
        failures__lt=MOST_IN_A_ROW,
    )
    return found.first()


def _pause_of(before: QuerySet[FailedTry], row: FailedTry) -> timedelta:
    """Return how long a known browser pauses: half a minute after its fifth failure."""
    own = before.filter(account=row.account, browser=row.browser).order_by("-at")
    newest = list(own[:MOST_OF_BROWSER])
    if len(newest) < MOST_OF_BROWSER:
        return timedelta(0)
    return max(newest[0].at + PAUSE - row.at, timedelta(0))


def _wait_of(before: QuerySet[FailedTry], row: FailedTry) -> timedelta:
    """Return how long an unknown browser waits: until so many failures are long enough ago."""
    return max(
        _until_room(before.filter(account=row.account), MOST_OF_ACCOUNT, row.at),
        _until_room(before.filter(network=row.network), MOST_OF_ADDRESS, row.at)
        if row.network
        else timedelta(0),
    )


def _until_room(tries: QuerySet[FailedTry], most: int, now: datetime) -> timedelta:
    newest = list(tries.order_by("-at").values_list("at", flat=True)[:most])
    return max(newest[-1] + WINDOW - now, timedelta(0)) if len(newest) == most else timedelta(0)


def _reached(before: QuerySet[FailedTry], row: FailedTry) -> int:
    """Return the limit that this try reaches if it fails; 0 where it reaches none."""
    if before.filter(account=row.account).count() == MOST_OF_ACCOUNT - 1:
        return MOST_OF_ACCOUNT
    is_last = before.filter(network=row.network).count() == MOST_OF_ADDRESS - 1
    return MOST_OF_ADDRESS if row.network and is_last else 0


def _network(address: str | None) -> str:
    """Return the keyed hash of an address; of IPv6, where one house has 2^64, of its /64."""
    if not address:
        return ""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        address = str(ipaddress.ip_network((parsed, 64), strict=False))
    return _keyed("network", address)


def _keyed(kind: str, text: str) -> str:
    message = f"accounts/v1 {kind}\n{text}".encode("utf-8", "surrogatepass")
    return hmac.new(settings.LEDGER_NETWORK_KEY, message, hashlib.sha256).hexdigest()
