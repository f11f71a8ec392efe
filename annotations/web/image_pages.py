"""The list of a project's images: what is there, whose, and who reads it."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

import ledger
from accounts.http import current_user
from accounts.permissions import has_permission
from annotations.models import Series
from annotations.web.image_filters import ImageFilter
from annotations.web.places import page_of, project_for


@require_GET
def images(request: HttpRequest, slug: str) -> HttpResponse:
    """List the series of a project, a page at a time."""
    user = current_user(request)
    project = project_for(request, slug, "view_images")
    every = Series.objects.filter(project=project)
    listed = every.select_related("subject").annotate(
        images=Count("instances", distinct=True), readers=Count("items", distinct=True)
    )
    asked = request.GET.copy()
    asked.setdefault("sort", "-imported")
    found = ImageFilter(asked, queryset=listed)
    page = page_of(request, found.qs.order_by(*found.qs.query.order_by, "pk"))
    places = ledger.positions([one.ledger_ref for one in page], str(project.pk))
    erased = {one.subject.ledger_ref for one in page if one.subject.erased_at}
    gone = ledger.positions(erased, str(project.pk))
    context = {
        "project": project,
        "filter": found,
        "page_obj": page,
        "rows": [
            (one, places.get(one.ledger_ref), gone.get(one.subject.ledger_ref)) for one in page
        ],
        "has_images": every.exists(),
        "may_import": has_permission(user, "import_images", project),
        "stream_key": str(project.pk),
    }
    return render(request, "annotations/images.html", context)
