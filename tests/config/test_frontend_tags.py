"""Pages load what the frontend built, and carry no code or style of their own."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client

from accounts.models import Role
from tests.factories import make_project, make_user, sign_in


def drawn(source: str) -> str:
    return Template("{% load frontend_tags %}" + source).render(Context())


def test_an_entry_links_its_styles_and_its_script() -> None:
    page = drawn('{% vite "site" %}')

    assert re.search(r'<link rel="stylesheet" href="/static/assets/site-[\w-]+\.css">', page)
    assert re.search(
        r'<script type="module" src="/static/assets/site-[\w-]+\.js"></script>', page
    )


def test_the_viewer_asks_early_for_what_it_loads_late() -> None:
    assert re.search(
        r'<link rel="modulepreload" href="[^"]+/app-', drawn('{% vite "viewer" %}')
    )


def test_an_entry_that_was_never_built_says_what_to_do() -> None:
    with pytest.raises(ImproperlyConfigured, match="vite build"):
        drawn('{% vite "nothing" %}')


def test_an_icon_is_drawn_and_silent() -> None:
    icon = drawn('{% icon "lock" "ic-lg" %}')

    assert icon.startswith('<svg class="ic ic-lg"')
    assert 'aria-hidden="true"' in icon


def test_an_unknown_icon_is_a_fault_of_the_template() -> None:
    with pytest.raises(TemplateSyntaxError, match="no icon"):
        drawn('{% icon "unicorn" %}')


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/me/", "/password/", "/no/such/page/"])
def test_pages_hold_no_inline_code_or_style(client: Client, path: str) -> None:
    sign_in(client, make_user(role=Role.ANNOTATOR, project=make_project()))

    page = client.get(path).content.decode()

    assert not re.search(
        r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", page
    )
