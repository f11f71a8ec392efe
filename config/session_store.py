"""Where the browser's sessions are kept: in the database, found by keys of our form alone."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Takes a cookie that cannot be a key, like one with U+0000, as no cookie at all."""

    def _validate_session_key(self, key: str | None) -> bool:
        # PostgreSQL refuses U+0000 in the query itself, which would answer with a fault
        return super()._validate_session_key(key) and str(key).isascii() and str(key).isalnum()  # type: ignore[misc]  # Django's own hook, without a type
