"""Signing in through the organisation: going there, and coming back."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.socialaccount.internal import statekit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import identity_links, identity_provider, sign_in
from accounts.adapter import ORGANISATION
from accounts.errors.base import AccountsError
from accounts.errors.identities import OrganisationRefusedError
from accounts.http import current_user
from accounts.identity_provider import Asked, Organisation
from accounts.models import IdentityLink, User
from accounts.permissions import require_organisation_permission
from accounts.web.forms import ReasonForm
from accounts.web.identity_forms import LinkForm
from accounts.web.person_pages import render_person

AGAIN = "again"  # in the address: the browser came here by itself, so its cookies came too


@login_not_required
@never_cache
@require_safe
def go(request: HttpRequest, key: str) -> HttpResponse:
    """Send the browser to its organisation's sign-in; what it must bring back is kept here."""
    there = _organisation(request, key)
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    asked, more = there.ask()
    state = statekit.stash_state(
        request,
        provider_id=key,
        state={"nonce": asked.nonce, "verifier": asked.verifier, "next": _back(request)},
    )
    try:
        return redirect(there.address(state, more))
    except OrganisationRefusedError as refused:
        return _refused(request, refused)


@login_not_required
@never_cache
@require_safe
def come_back(request: HttpRequest, key: str) -> HttpResponseBase:
    """Take the organisation's answer: a session for a person who is linked, or a refusal."""
    there = _organisation(request, key)
    kept = statekit.unstash_state(
        request, provider_id=key, state_id=request.GET.get("state", "")
    )
    if kept is None and AGAIN not in request.GET:
        # Our cookies are for our own pages alone: a step from here to here brings them.
        again = f"{request.get_full_path()}&{AGAIN}="
        return render(request, "accounts/organisation_return.html", {"again": again})
    try:
        person, factors = _person(request, there, kept)
    except OrganisationRefusedError as refused:
        return _refused(request, refused)
    back = kept["next"] if kept else ""
    record_authentication(request, person, ORGANISATION, factors=list(factors))
    answer: HttpResponseBase = perform_login(
        request, person, email_verification="none", redirect_url=back or None
    )
    return answer


@require_POST
def link(request: HttpRequest, pk: str) -> HttpResponse:
    """Say that a subject at the organisation is this person."""
    user = current_user(request)
    require_organisation_permission(user, "manage_people")
    person = get_object_or_404(User, pk=pk)
    form = LinkForm(request.POST)
    if form.is_valid():
        try:
            identity_links.link(person, by=user, **form.cleaned_data)
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{person} can sign in through the organisation.")
            return redirect("accounts:person", person.pk)
    return render_person(request, person, link_form=form, status=422)


@require_POST
def unlink(request: HttpRequest, pk: str) -> HttpResponse:
    """End a link."""
    user = current_user(request)
    require_organisation_permission(user, "manage_people")
    found = get_object_or_404(IdentityLink.objects.select_related("user"), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render_person(request, found.user, unlink_form=form, status=422)
    identity_links.unlink(found, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, "The link has ended.")
    return redirect("accounts:person", found.user_id)


def _organisation(request: HttpRequest, key: str) -> Organisation:
    found = identity_provider.organisation(request, key)
    if found is None:
        raise Http404
    return found


def _person(
    request: HttpRequest, there: Organisation, kept: dict[str, str] | None
) -> tuple[User, tuple[str, ...]]:
    """Return the linked person whom the answer names; raise OrganisationRefusedError."""
    if kept is None:  # another browser's, an old one, or one that was used
        raise OrganisationRefusedError("state")
    told = request.GET
    if told.get("iss", there.known["issuer"]) != there.known["issuer"]:  # RFC 9207
        raise OrganisationRefusedError("issuer")
    if "error" in told or not told.get("code"):
        raise OrganisationRefusedError("declined")
    named = there.exchange(told["code"], Asked(kept["nonce"], kept["verifier"]))
    person = identity_links.person_of(named.issuer, named.subject)
    if person is None:
        raise OrganisationRefusedError("unlinked")
    if not person.is_active:
        sign_in.record_failure(person.email, failure_class="access_closed")
        raise OrganisationRefusedError("")
    return person, named.factors


def _refused(request: HttpRequest, refused: OrganisationRefusedError) -> HttpResponse:
    """Record why, and lead back to the sign-in, which says the same whatever it was."""
    if refused.why:
        sign_in.record_failure("", failure_class=f"organisation_{refused.why}")
    messages.error(request, str(refused))
    return redirect("account_login")


def _back(request: HttpRequest) -> str:
    back = request.GET.get("next", "")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else ""
