"""Template tags for what the frontend workspace builds: its files, and the icons."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

FRONTEND = Path(settings.BASE_DIR) / "frontend"
MANIFEST = FRONTEND / "dist" / ".vite" / "manifest.json"


@lru_cache(maxsize=1)
def _manifest(_changed: int) -> dict[str, Any]:
    return dict(json.loads(MANIFEST.read_text()))


@lru_cache(maxsize=1)
def _icons() -> dict[str, str]:
    return dict(json.loads((FRONTEND / "icons.json").read_text()))


def _chunk(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the manifest and the entry chunk called `name`; raise if it was never built."""
    try:
        manifest = _manifest(MANIFEST.stat().st_mtime_ns)
        return manifest, manifest[f"src/{name}/main.ts"]
    except (OSError, KeyError) as error:
        raise ImproperlyConfigured(
            f"The frontend has no entry {name!r}: build it with `npx vite build` in frontend/."
        ) from error


@register.simple_tag
def vite(name: str) -> SafeString:
    """Link the styles and the module script of the entry `src/<name>/main.ts`."""
    manifest, chunk = _chunk(name)
    # What is loaded later by design is wanted at once on the page that asks for this entry.
    keys = [*chunk.get("imports", []), *chunk.get("dynamicImports", [])]
    imported = [manifest[key] for key in keys]
    styles = [(static(css),) for part in (chunk, *imported) for css in part.get("css", [])]
    return format_html(
        "{}{}{}",
        format_html_join("", '<link rel="stylesheet" href="{}">', styles),
        format_html_join(
            "",
            '<link rel="modulepreload" href="{}">',
            ((static(part["file"]),) for part in imported),
        ),
        format_html('<script type="module" src="{}"></script>', static(chunk["file"])),
    )


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw the icon `name`, hidden from assistive technology: the text beside it speaks.

    Raises TemplateSyntaxError for a name that `frontend/icons.json` does not hold.
    """
    if name not in _icons():
        raise template.TemplateSyntaxError(f"There is no icon {name!r} in frontend/icons.json.")
    return format_html(
        '<svg class="ic{}" viewBox="0 0 20 20" aria-hidden="true">{}</svg>',
        f" {extra}" if extra else "",
        mark_safe(_icons()[name]),  # noqa: S308 - our own drawing, not anybody's input
    )
