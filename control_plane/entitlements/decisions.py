"""May this viewer watch this video now, with what limits, and why: pure, from facts alone.

Every rule is asked, and the trace holds what each said. Who previews is let in; else any rule that
forbids settles it; else the first that opens does, with its limits; else nobody may watch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

from control_plane.entitlements.models import Visibility
from control_plane.entitlements.places import NOWHERE, Place, PlaceFact, find_place_rule


class Rule(StrEnum):
    """What is asked and what settled it. Those from `DRAFT` on, and the place, are refusals' codes,
    but for a draft's, of which nobody else may know."""

    PREVIEW = "preview"
    PUBLISHED = "published"
    PRIVATE = "private"
    PLACE = "address_refused"
    PUBLIC = "public"
    MEMBERS = "members"
    UNLISTED = "unlisted"
    PREVIEW_LECTURE = "preview_lecture"
    GRANT = "grant"
    SUBSCRIPTION = "subscription"
    SHARE_LINK = "share_link"
    DRAFT = "draft"
    LOGIN_REQUIRED = "login_required"
    NOT_ENTITLED = "not_entitled"
    PREMIUM_REQUIRED = "premium_required"
    SHARE_LINK_OVER = "share_link_over"


class Says(StrEnum):
    """What a rule says to a question."""

    ALLOWS = "allows"
    FORBIDS = "forbids"
    NOTHING = "nothing"


class Kind(StrEnum):
    """What kind of row a fact is of."""

    GRANT = "grant"
    SUBSCRIPTION = "subscription"
    PREVIEW_LECTURE = "preview_lecture"


class ShareFacts(Protocol):
    """What must be known of a share link of this video."""

    @property
    def id(self) -> UUID: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...
    @property
    def max_plays(self) -> int | None: ...
    @property
    def plays(self) -> int: ...
    @property
    def max_streams(self) -> int | None: ...
    @property
    def max_height(self) -> int | None: ...
    @property
    def origins(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who wants to watch, and from where: a user, or, without `user_id`, a visitor; or whoever has
    a share link, whose account then does not matter."""

    user_id: UUID | None = None
    email: str = ""
    is_admin: bool = False
    share: ShareFacts | None = None
    place: Place = NOWHERE


class VideoFacts(Protocol):
    """What must be known of a video."""

    @property
    def owner_id(self) -> UUID: ...
    @property
    def visibility(self) -> str: ...
    @property
    def is_premium(self) -> bool: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Opening:
    """A grant, a subscription or a preview lecture that has to do with this viewer and video.

    `name` is for people. `window_s` is how long a rental that was not begun yet will last.
    `kept_until` is the end that stands in the row itself; a member's of a group may come sooner.
    """

    kind: Kind
    id: UUID
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    window_s: int | None = None
    is_premium: bool = True
    max_streams: int | None = None
    max_height: int | None = None
    visibility: str = ""
    kept_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that has to do with one viewer and one video."""

    openings: Sequence[Opening] = ()
    places: Sequence[PlaceFact] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule said; `detail` is a sentence for people."""

    rule: Rule
    says: Says
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer; `why` is a sentence for people, `until` when it ends, if that is known.

    `opening` is the row that allows it, if one does, and `window_s` how long a rental lasts that
    begins with this play.
    """

    allowed: bool
    rule: Rule
    why: str
    until: datetime | None = None
    max_streams: int | None = None
    max_height: int | None = None
    origins: frozenset[str] = frozenset()
    opening: Opening | None = None
    trace: tuple[Step, ...] = ()

    def describe(self) -> dict[str, Any]:
        """To be kept: what JSON can hold."""
        return {
            "allowed": self.allowed,
            "rule": self.rule.value,
            "why": self.why,
            "until": self.until and self.until.isoformat(),
            "max_streams": self.max_streams,
            "max_height": self.max_height,
            "trace": self.describe_trace(),
        }

    def describe_trace(self) -> list[dict[str, str]]:
        return [
            {"rule": step.rule.value, "says": step.says.value, "detail": step.detail}
            for step in self.trace
        ]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A step, and what it brings where it allows."""

    step: Step
    until: datetime | None = None
    max_streams: int | None = None
    max_height: int | None = None
    origins: frozenset[str] = frozenset()
    opening: Opening | None = None


_CODES: Final = {
    Rule.PUBLISHED: Rule.DRAFT,
    Rule.PRIVATE: Rule.DRAFT,
    Rule.SHARE_LINK: Rule.SHARE_LINK_OVER,
}


def decide(viewer: Viewer, video: VideoFacts, facts: Facts, *, now: datetime) -> Verdict:
    """The verdict, with what every rule said."""
    answers = [
        _ask_preview(viewer, video),
        _ask_published(video, now),
        _ask_private(video),
        _ask_place(viewer.place, facts.places),
    ]
    if viewer.share is not None:
        answers.append(_ask_share_link(viewer.share, now))
    else:
        answers += [
            _ask_visibility(rule, viewer, video)
            for rule in (Rule.PUBLIC, Rule.MEMBERS, Rule.UNLISTED)
        ]
        answers += [_ask_openings(kind, facts.openings, viewer, video, now) for kind in Kind]
    return _settle(answers, viewer, video)


def _settle(answers: Sequence[_Answer], viewer: Viewer, video: VideoFacts) -> Verdict:
    trace = tuple(answer.step for answer in answers)
    preview, *others = answers
    forbidding = [answer for answer in others if answer.step.says is Says.FORBIDS]
    allowing = [answer for answer in answers if answer.step.says is Says.ALLOWS]
    if preview.step.says is Says.ALLOWS:
        return _allow(preview, None, trace)
    if forbidding:
        return _forbid(forbidding[0].step, trace)
    if allowing:
        return _allow(allowing[0], video.withdrawn_at, trace)
    return _refuse(viewer, video, trace)


def _allow(answer: _Answer, withdrawn_at: datetime | None, trace: tuple[Step, ...]) -> Verdict:
    ends = [end for end in (answer.until, withdrawn_at) if end is not None]
    return Verdict(
        True,
        answer.step.rule,
        answer.step.detail,
        until=min(ends, default=None),
        max_streams=answer.max_streams,
        max_height=answer.max_height,
        origins=answer.origins,
        opening=answer.opening,
        trace=trace,
    )


def _forbid(step: Step, trace: tuple[Step, ...]) -> Verdict:
    return Verdict(False, _CODES.get(step.rule, step.rule), step.detail, trace=trace)


def _refuse(viewer: Viewer, video: VideoFacts, trace: tuple[Step, ...]) -> Verdict:
    if viewer.user_id is None:
        return Verdict(False, Rule.LOGIN_REQUIRED, "Log in to watch this video.", trace=trace)
    if video.is_premium:
        why = "This video is for those whose subscription opens premium films."
        return Verdict(False, Rule.PREMIUM_REQUIRED, why, trace=trace)
    why = "This viewer was not granted the video, and no subscription of theirs opens it."
    return Verdict(False, Rule.NOT_ENTITLED, why, trace=trace)


def _ask_preview(viewer: Viewer, video: VideoFacts) -> _Answer:
    if viewer.is_admin or (viewer.user_id is not None and viewer.user_id == video.owner_id):
        return _allows(Rule.PREVIEW, "The owner and administrators may always watch.")
    return _silent(Rule.PREVIEW, "Neither the owner nor an administrator.")


def _ask_published(video: VideoFacts, now: datetime) -> _Answer:
    if video.published_at is None:
        return _forbids(Rule.PUBLISHED, "The video is not published.")
    if video.published_at > now:
        return _forbids(Rule.PUBLISHED, f"It is published from {_say(video.published_at)} on.")
    if video.withdrawn_at is not None and video.withdrawn_at <= now:
        return _forbids(Rule.PUBLISHED, f"It was taken off at {_say(video.withdrawn_at)}.")
    return _silent(Rule.PUBLISHED, "The video is published.")


def _ask_private(video: VideoFacts) -> _Answer:
    if video.visibility == Visibility.PRIVATE:
        return _forbids(Rule.PRIVATE, "The video is for its owner alone.")
    return _silent(Rule.PRIVATE, "The video is not private.")


def _ask_place(place: Place, rules: Iterable[PlaceFact]) -> _Answer:
    rule = find_place_rule(place, rules)
    if rule is None:
        return _silent(Rule.PLACE, "No rule on places concerns this viewer.")
    if rule.blocks:
        return _forbids(Rule.PLACE, f"It may not be watched from here ({rule.name}).")
    return _silent(Rule.PLACE, f"It may be watched from here ({rule.name}).")


def _ask_visibility(rule: Rule, viewer: Viewer, video: VideoFacts) -> _Answer:
    if video.visibility != rule.value:
        return _silent(rule, f"The video is not {rule.value}.")
    if video.is_premium:
        return _silent(rule, f"The video is {rule.value}, but premium.")
    if rule is Rule.MEMBERS and viewer.user_id is None:
        return _silent(rule, "The video is for members, and this is a visitor.")
    return _allows(rule, _WHY_VISIBLE[rule])


_WHY_VISIBLE: Final = {
    Rule.PUBLIC: "The video is public.",
    Rule.MEMBERS: "The video is for everybody who is logged in.",
    Rule.UNLISTED: "The video is for everybody who knows its address.",
}


def _ask_openings(
    kind: Kind, openings: Iterable[Opening], viewer: Viewer, video: VideoFacts, now: datetime
) -> _Answer:
    """Of several that are good the most generous counts."""
    rule = Rule(kind.value)
    asked = [(one, _find_fault(one, viewer, video, now)) for one in openings if one.kind is kind]
    good = [one for one, fault in asked if not fault]
    if not asked:
        return _silent(rule, f"There is no {kind.replace('_', ' ')} for it.")
    if not good:
        return _silent(rule, " ".join(fault for _, fault in asked))
    best = max(good, key=_rank)
    return _Answer(
        Step(rule, Says.ALLOWS, _praise(best)),
        until=best.ends_at,
        max_streams=best.max_streams,
        max_height=best.max_height,
        opening=best,
    )


def _find_fault(one: Opening, viewer: Viewer, video: VideoFacts, now: datetime) -> str:
    if one.starts_at is not None and one.starts_at > now:
        return f"{one.name} begins at {_say(one.starts_at)}."
    if one.ends_at is not None and one.ends_at <= now:
        return f"{one.name} ended at {_say(one.ends_at)}."
    if one.kind is Kind.SUBSCRIPTION and video.is_premium and not one.is_premium:
        return f"{one.name} does not open premium films."
    if one.visibility == Visibility.MEMBERS and viewer.user_id is None:
        return f"{one.name} is for members, and this is a visitor."
    return ""


def _rank(one: Opening) -> tuple[float, float, float]:
    """How generous: height, then streams, then how long."""
    endless = float("inf")
    lasts = endless if one.ends_at is None else one.ends_at.timestamp()
    return (one.max_height or endless, one.max_streams or endless, lasts)


def _praise(one: Opening) -> str:
    if one.window_s is not None:
        return f"{one.name} opens it, for {one.window_s} seconds from the first play on."
    end = "" if one.ends_at is None else f", until {_say(one.ends_at)}"
    return f"{one.name} opens it{end}."


def _ask_share_link(share: ShareFacts, now: datetime) -> _Answer:
    fault = find_share_fault(share, now=now)
    if fault:
        return _forbids(Rule.SHARE_LINK, fault)
    return _Answer(
        Step(Rule.SHARE_LINK, Says.ALLOWS, "The share link opens it."),
        until=share.expires_at,
        max_streams=share.max_streams,
        max_height=share.max_height,
        origins=frozenset(share.origins),
    )


def find_share_fault(share: ShareFacts, *, now: datetime) -> str:
    """Why a share link opens nothing; empty where it does."""
    if share.revoked_at is not None:
        return "The share link was revoked."
    if share.expires_at is not None and share.expires_at <= now:
        return f"The share link ended at {_say(share.expires_at)}."
    if share.max_plays is not None and share.plays >= share.max_plays:
        return "The share link was played as often as it may be."
    return ""


def _allows(rule: Rule, detail: str) -> _Answer:
    return _Answer(Step(rule, Says.ALLOWS, detail))


def _forbids(rule: Rule, detail: str) -> _Answer:
    return _Answer(Step(rule, Says.FORBIDS, detail))


def _silent(rule: Rule, detail: str) -> _Answer:
    return _Answer(Step(rule, Says.NOTHING, detail))


def _say(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
