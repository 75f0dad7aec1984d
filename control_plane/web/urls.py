"""Routes of the pages."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from control_plane.web import account_pages, admin_pages, pages
from control_plane.web.invite import show_invite
from control_plane.web.provider_pages import show_return
from control_plane.web.security_page import show_account
from control_plane.web.why import show_why

app_name = "web"

urlpatterns = [
    path("", pages.show_catalogue, name="catalogue"),
    path("watch/<uuid:video_id>", pages.show_watch, name="watch"),
    path("login", account_pages.show_log_in, name="log-in"),
    path("login/return", show_return, name="return"),
    path("signup", account_pages.show_sign_up, name="sign-up"),
    path("verify/<str:key>", account_pages.show_verify, name="verify"),
    path("account", show_account, name="account"),
    path("reset", account_pages.show_forgot_password, name="forgot-password"),
    path("reset/<str:key>", account_pages.show_new_password, name="new-password"),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/login/", admin_pages.send_to_log_in),
    path("admin/upload", admin.site.admin_view(admin_pages.show_upload), name="admin-upload"),
    path("admin/invite", admin.site.admin_view(show_invite), name="admin-invite"),
    path("admin/why", admin.site.admin_view(show_why), name="admin-why"),
    path("favicon.ico", RedirectView.as_view(url="/static/web/mark.svg")),
]
