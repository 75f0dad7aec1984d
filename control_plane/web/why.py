"""Why somebody may watch something, or may not: what was decided then, and what would be now.

A decision id is of an edge's refusal or of one of the control plane. An edge's names the playback
session that it refused; with that is kept what the control plane asked when it was begun.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from control_plane.accounts.callers import find_caller
from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.catalogue.models import Video
from control_plane.entitlements.decisions import Verdict
from control_plane.entitlements.models import Decision
from control_plane.entitlements.places import locate
from control_plane.entitlements.selectors import judge, user_viewer
from control_plane.playback.models import PlaybackSession
from control_plane.refusals.models import Refusal
from control_plane.refusals.selectors import find_refusal

_GLYPHS = {"allows": "✓", "forbids": "✗", "nothing": "·"}


class DecisionForm(forms.Form):
    """What a refused person was shown."""

    decision = forms.RegexField(
        regex=r"^\s*[0-9a-f]{16}\s*$",
        label="Decision id",
        error_messages={"invalid": "A decision id has 16 characters, 0 to 9 and a to f."},
    )


class QuestionForm(forms.Form):
    """A viewer and a video, now."""

    viewer = forms.CharField(required=False, label="Viewer (e-mail; none for a visitor)")
    video = forms.CharField(label="Video (id or slug)")
    address = forms.GenericIPAddressField(required=False, label="From (address, if it matters)")

    def clean_viewer(self) -> User | None:
        wanted = str(self.cleaned_data["viewer"]).strip()
        user = User.objects.filter(email=wanted.lower()).first() if wanted else None
        if wanted and user is None:
            raise forms.ValidationError("Nobody has this address.")
        return user

    def clean_video(self) -> Video:
        wanted = str(self.cleaned_data["video"]).strip()
        video = Video.objects.filter(**_name_video(wanted)).first()
        if video is None:
            raise forms.ValidationError("There is no such video.")
        return video


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule said, for a table."""

    glyph: str
    rule: str
    says: str
    detail: str


@dataclass(frozen=True, slots=True)
class Account:
    """What one part of the system decided, and when."""

    title: str
    allowed: bool
    why: str
    lines: list[Line]


@require_safe
def show_why(request: HttpRequest) -> HttpResponse:
    """Both questions, and the answer to the one that is asked."""
    if not may(find_caller(request), Permission.SEE_REFUSALS):
        raise PermissionDenied
    asks_decision, asks_now = "decision" in request.GET, "video" in request.GET
    decision = DecisionForm(request.GET if asks_decision else None)
    question = QuestionForm(request.GET if asks_now else None)
    accounts: list[Account] = []
    if asks_decision and decision.is_valid():
        accounts = _tell_decision(decision)
    elif asks_now and question.is_valid():
        accounts = [_tell_now(question.cleaned_data, now=timezone.now())]
    context = {
        **admin.site.each_context(request),
        "title": "Why was this refused?",
        "decision_form": decision,
        "question_form": question,
        "accounts": accounts,
    }
    has_faults = bool(decision.errors or question.errors)
    status = HTTPStatus.BAD_REQUEST if has_faults else HTTPStatus.OK
    return render(request, "admin/why.html", context, status=status)


def _tell_decision(form: DecisionForm) -> list[Account]:
    decision_id = form.cleaned_data["decision"].strip()
    refusal = find_refusal(decision_id)
    if refusal is not None:
        return [_tell_refusal(refusal), *_tell_session(refusal.session_id)]
    kept = Decision.objects.filter(pk=decision_id).first()
    if kept is not None:
        return [_tell_kept(kept)]
    form.add_error("decision", "Nothing is kept of it. Refusals are kept for 30 days.")
    return []


def _tell_refusal(refusal: Refusal) -> Account:
    says = {True: "allows", False: "forbids"}
    lines = [
        _line({"rule": one["rule"], "says": says[one["passed"]], "detail": ""})
        for one in refusal.rules
    ]
    where = f" It was asked for {refusal.name or 'a file'} from {refusal.peer or 'somewhere'}."
    title = f"The edge, {_say(refusal.at)}"
    return Account(title, False, f"{refusal.title} {refusal.cause}{where}", lines)


def _tell_session(session_id: str) -> list[Account]:
    """What the control plane asked when it issued the URL that an edge refused later."""
    if not _is_id(session_id):
        return []
    session = PlaybackSession.objects.filter(pk=session_id).first()
    if session is None or not session.decision:
        return []
    title = f"The control plane, when the URL was issued, {_say(session.issued_at)}"
    lines = [_line(step) for step in session.decision["trace"]]
    return [Account(title, True, session.decision["why"], lines)]


def _tell_kept(kept: Decision) -> Account:
    where = f" Asked from {kept.address} {kept.country}".rstrip() + "." if kept.address else ""
    title = f"The control plane, {_say(kept.at)}"
    return Account(title, False, kept.why + where, [_line(step) for step in kept.trace])


def _tell_now(asked: dict[str, Any], *, now: datetime) -> Account:
    viewer = user_viewer(asked["viewer"], locate(asked["address"]))
    verdict = judge(viewer, asked["video"], now=now)
    who = asked["viewer"] or "A visitor"
    lines = [_line(step) for step in verdict.describe_trace()]
    return Account(f"{who} and {asked['video']}, now", verdict.allowed, _explain(verdict), lines)


def _explain(verdict: Verdict) -> str:
    limits = [
        f"up to {verdict.max_height}p" if verdict.max_height else "",
        f"{verdict.max_streams} streams at once" if verdict.max_streams else "",
        f"until {_say(verdict.until)}" if verdict.until else "",
    ]
    told = ", ".join(filter(None, limits))
    return f"{verdict.why} Limits: {told}." if told else verdict.why


def _line(step: dict[str, str]) -> Line:
    rule = step["rule"].replace("_", " ").capitalize()
    return Line(_GLYPHS[step["says"]], rule, step["says"], step["detail"])


def _name_video(wanted: str) -> dict[str, str]:
    return {"pk": wanted} if _is_id(wanted) else {"slug": wanted}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _say(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
