"""What can happen to programs and to the tokens that they show."""

import ledger


class ServiceOpened(ledger.Event, name="service.opened", calls="title"):
    """A program got an account of its own, in one project; the reason says for what."""

    service_id: str
    title: str
    project: str
    owner: str


class ServiceHandedOver(ledger.Event, name="service.handed_over"):
    """Another person answers for a program from now on."""

    service_id: str
    owner_before: str
    owner: str


class ServiceClosed(ledger.Event, name="service.closed"):
    """A program's account was closed for good; every token of it ended with it."""

    service_id: str


class TokenIssued(ledger.Event, name="token.issued"):
    """A program was given a token; its secret was shown once and is kept nowhere."""

    token_id: str
    service: str
    project: str
    scopes: tuple[str, ...]
    issued_at: str
    expires_at: str
    secret_hash: str  # SHA-256 of 256 random bits


class TokenRevoked(ledger.Event, name="token.revoked"):
    """A token was ended before its time; it opens nothing from the next call on."""

    token_id: str
    service: str
