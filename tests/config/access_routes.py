"""Every address of the product, as Django resolves it."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def routes(
    patterns: list[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, set[str]]]:
    """Yield the full name of each address of the product with the names of its places."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", set(pattern.pattern.converters)


ROUTES = dict(routes(get_resolver().url_patterns))
