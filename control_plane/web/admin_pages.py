"""Pages of the admin that belong to no single model."""

from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_safe


@require_safe
def show_upload(request: HttpRequest) -> HttpResponse:
    """Several films at once, by resumable upload."""
    if not request.user.is_staff:
        raise PermissionDenied
    context = {**admin.site.each_context(request), "title": "Upload films"}
    return render(request, "admin/upload.html", context)


@require_safe
def send_to_log_in(request: HttpRequest) -> HttpResponse:
    """There is one way to log in, with its limits and its record; the admin has none of its own."""
    if request.user.is_authenticated:
        raise PermissionDenied
    destination = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
    query = urlencode({REDIRECT_FIELD_NAME: destination})
    return HttpResponseRedirect(f"{resolve_url('web:log-in')}?{query}")
