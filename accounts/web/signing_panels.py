"""Take the answer to a request to sign a paper; the panel that asks is a template part."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts import signing
from accounts.errors.signing import (
    NonceUsedError,
    SigningExpiredError,
    SigningLockedError,
    SigningRefusedError,
)
from accounts.models import SigningRequest, User
from accounts.signing import Confirmation
from accounts.web.retention_forms import AnswerForm

# Whoever is refused so may answer a fresh request on the same page.
ANSWERED_AGAIN = (SigningRefusedError, SigningExpiredError, SigningLockedError, NonceUsedError)
EMPTY = "Fill in your account and your password. Nothing was signed."


class UnansweredError(Exception):
    """The answer was empty or wrong: the page is shown again with this sentence."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


def confirmed(request: HttpRequest, user: User) -> Confirmation:
    """Return what `user` confirmed; raises UnansweredError where they may try again."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise UnansweredError(EMPTY, 422)
    said = form.cleaned_data
    asked = get_object_or_404(SigningRequest.objects.filter(signer=user), pk=said["request"])
    try:
        return signing.confirm(
            asked, by=user, identifier=said["identifier"], password=said["password"]
        )
    except ANSWERED_AGAIN as refused:
        raise UnansweredError(str(refused), 409) from None
