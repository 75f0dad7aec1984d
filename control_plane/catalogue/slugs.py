"""Names in addresses: made of titles, unique for good, former ones kept.

All that was ever given stands in one table, so that an old address never leads to something else.
"""

import secrets
from http import HTTPStatus
from typing import Any, Final, TypeAlias, TypeVar

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from control_plane.catalogue.models import Course, Slug, Video
from control_plane.errors import NotFound, Refused

Named: TypeAlias = Video | Course
Thing = TypeVar("Thing", Video, Course)

_LONGEST: Final = 80


def create_named(model: type[Thing], **facts: Any) -> Thing:
    """Store something new, whose slug comes of its title."""
    slug = _choose_slug(facts["title"])
    try:
        with transaction.atomic():
            return model.objects.create(slug=slug, **facts)
    except IntegrityError:  # somebody took the slug meanwhile
        return model.objects.create(**facts)


@transaction.atomic
def rename(thing: Named, slug: str) -> None:
    """Let a thing be called so; its former name leads on to it. Raises `Refused` for a slug that
    leads to something else, or did."""
    if slug == thing.slug:
        return
    if not _note(thing, slug) or not _note(thing, thing.slug):
        detail = "This slug leads to something else, or did."
        raise Refused("slug_taken", status=HTTPStatus.CONFLICT, detail=detail)
    thing.slug = slug
    thing.save(update_fields=["slug", "updated_at"])


def find_by_slug(model: type[Video] | type[Course], slug: str) -> Named:
    """What is called so, or was; raises `NotFound`."""
    column = "video" if model is Video else "course"
    found = model.objects.filter(slug=slug).first()
    if found is None:
        kept = Slug.objects.select_related(column).filter(slug=slug).first()
        found = None if kept is None else getattr(kept, column)
    if found is None:
        raise NotFound("Nothing is called so.")
    return found


def _note(thing: Named, slug: str) -> bool:
    """Whether the name is the thing's now, or was before."""
    owner = {"video": thing} if isinstance(thing, Video) else {"course": thing}
    others = type(thing).objects.filter(slug=slug).exclude(pk=thing.pk)
    if others.exists():
        return False
    try:
        with transaction.atomic():
            kept, _ = Slug.objects.get_or_create(slug=slug, defaults=owner)
    except IntegrityError:
        return False
    return thing.pk in {kept.video_id, kept.course_id}


def _is_taken(slug: str) -> bool:
    models = (Video, Course, Slug)
    return any(model.objects.filter(slug=slug).exists() for model in models)


def _choose_slug(title: str) -> str:
    """One for something new, before it is stored: the title's if nobody ever had it."""
    base = slugify(title)[:_LONGEST].strip("-")
    if base and not _is_taken(base):
        return base
    return f"{base or 'untitled'}-{secrets.token_hex(3)}"
