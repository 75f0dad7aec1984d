"""Tests for control_plane/sidecars/services.py: an asset is renewed, and nothing encoded."""

from typing import Any
from uuid import uuid4

import pytest

from control_plane.accounts.models import User
from control_plane.catalogue.leftovers import KEPT_FOR
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Caption, Leftover, Video
from control_plane.catalogue.sidecars import caption_key
from control_plane.errors import Refused
from control_plane.sidecars.services import (
    MAX_CAPTIONS,
    add_caption,
    choose_poster,
    remove_caption,
)
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.reports import record_failure
from control_plane.transcodes.services import cancel_job, plan_only, retry_job, transcode_again
from shared.captions import parse_captions
from shared.jobs import FailureReason, PackageOrder
from tests.control_plane.sidecars.conftest import package
from tests.control_plane.transcodes.conftest import (
    NOW,
    ReadOrders,
    encode,
    failure,
    grant,
    plan,
    queue,
)

SUBRIP = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def add(video: Video, name: str = "English", **facts: Any) -> Caption:
    facts = {"language": "en", "is_forced": False, "is_sdh": False, "content": SUBRIP, **facts}
    return add_caption(video, name=name, user=video.owner, now=NOW, **facts)


def read_package(read_orders: ReadOrders) -> PackageOrder:
    (order,) = read_orders()
    assert isinstance(order, PackageOrder)
    return order


def order_package(job: TranscodeJob, read_orders: ReadOrders) -> PackageOrder:
    """Take a job to its package, as workers that are always there would."""
    read_orders()
    plan(job)
    read_orders()
    encode(job, 1)
    return read_package(read_orders)


def newest(video: Video) -> TranscodeJob:
    return TranscodeJob.objects.filter(video=video).order_by("-id")[0]


def names(order: PackageOrder) -> list[str]:
    return [text.name for text in order.texts]


def test_captions_are_kept_as_webvtt(video: Video) -> None:
    caption = add(video)
    kept = open_store().get(caption_key(caption))
    assert kept.startswith(b"WEBVTT\n")
    assert parse_captions(kept) == parse_captions(SUBRIP)
    assert caption.cues == 1


def test_captions_of_a_finished_film_are_packaged_without_encoding(
    film: Video, read_orders: ReadOrders
) -> None:
    caption = add(film, language="pt-BR", name="Português", is_sdh=True)
    order = read_package(read_orders)
    assert (order.base_asset_id, order.chunk, order.chunks) == (str(film.asset_id), 1, 0)
    (text,) = order.texts
    assert (text.key, text.language, text.name) == (caption_key(caption), "pt-BR", "Português")
    assert (text.is_forced, text.is_sdh, order.poster) == (False, True, None)
    package(newest(film), 1)
    renewed = Video.objects.get(pk=film.pk).asset
    assert renewed is not None
    assert renewed.pk != film.asset_id
    assert [kept["name"] for kept in renewed.sidecars["texts"]] == ["Português"]
    assert Leftover.objects.filter(place__contains=str(film.asset_id)).get().due_at == (
        NOW + KEPT_FOR
    )


def test_captions_of_a_film_without_an_asset_come_with_its_first(
    video: Video, read_orders: ReadOrders
) -> None:
    add(video)
    assert read_orders() == []
    job = queue(video)
    assert names(order_package(job, read_orders)) == ["English"]
    package(job, 2)
    assert TranscodeJob.objects.count() == 1


def test_captions_added_while_a_film_is_packaged_come_with_a_second_asset(
    film: Video, read_orders: ReadOrders
) -> None:
    add(film, "English")
    first = read_package(read_orders)
    add(film, "Deutsch", language="de")
    assert read_orders() == []
    package(newest(film), 1)
    second = read_package(read_orders)
    assert (names(first), names(second)) == (["English"], ["English", "Deutsch"])
    assert second.base_asset_id == first.asset_id
    package(newest(film), 1)
    assert read_orders() == []
    assert TranscodeJob.objects.filter(video=film).count() == 3


def test_captions_added_during_a_transcode_that_fails_come_with_the_old_film(
    film: Video, read_orders: ReadOrders
) -> None:
    job = transcode_again(film, user=film.owner, now=NOW)
    add(film)
    read_orders()
    record_failure(failure(grant(job, 0), FailureReason.CORRUPT), now=NOW)
    assert read_package(read_orders).base_asset_id == str(film.asset_id)


def test_captions_added_during_a_transcode_that_is_cancelled_come_with_the_old_film(
    film: Video, read_orders: ReadOrders
) -> None:
    job = transcode_again(film, user=film.owner, now=NOW)
    add(film)
    read_orders()
    cancel_job(job, now=NOW)
    assert read_package(read_orders).base_asset_id == str(film.asset_id)


def test_captions_added_during_a_dry_run_come_after_it(
    film: Video, read_orders: ReadOrders
) -> None:
    dry = plan_only(film, user=film.owner, now=NOW)
    add(film)
    read_orders()
    plan(dry)
    assert read_package(read_orders).base_asset_id == str(film.asset_id)


def test_renewal_that_fails_is_not_tried_for_ever(film: Video, read_orders: ReadOrders) -> None:
    add(film)
    read_orders()
    record_failure(failure(grant(newest(film), 1), FailureReason.CORRUPT), now=NOW)
    assert newest(film).state == "failed"
    assert read_orders() == []


def test_renewal_is_retried(film: Video, read_orders: ReadOrders) -> None:
    add(film)
    read_orders()
    record_failure(failure(grant(newest(film), 1), FailureReason.CORRUPT), now=NOW)
    retry_job(newest(film), now=NOW)
    order = read_package(read_orders)
    assert (order.attempt, names(order)) == (2, ["English"])


def test_renewal_of_an_asset_that_is_not_played_any_more_is_not_retried(
    film: Video, read_orders: ReadOrders
) -> None:
    add(film)
    stale = newest(film)
    record_failure(failure(grant(stale, 1), FailureReason.CORRUPT), now=NOW)
    again = transcode_again(film, user=film.owner, now=NOW)
    order_package(again, read_orders)
    package(again, 2)
    with pytest.raises(Refused, match="superseded"):
        retry_job(TranscodeJob.objects.get(pk=stale.pk), now=NOW)


def test_removed_captions_are_packaged_no_more(film: Video, read_orders: ReadOrders) -> None:
    caption = add(film)
    key = caption_key(caption)
    package(newest(film), 1)
    read_orders()
    remove_caption(caption, user=film.owner, now=NOW)
    assert read_package(read_orders).texts == ()
    assert Leftover.objects.get(place=key).due_at == NOW + KEPT_FOR
    assert open_store().exists(key)


def test_captions_that_come_and_go_unpackaged_leave_nothing_to_do(
    video: Video, read_orders: ReadOrders
) -> None:
    remove_caption(add(video), user=video.owner, now=NOW)
    assert read_orders() == []
    assert not video.captions.exists()


def test_chosen_poster_is_packaged_without_encoding(film: Video, read_orders: ReadOrders) -> None:
    choose_poster(film, 3, user=film.owner, now=NOW)
    order = read_package(read_orders)
    assert (order.poster, order.base_asset_id) == (2, str(film.asset_id))
    package(newest(film), 1)
    choose_poster(film, None, user=film.owner, now=NOW)
    assert read_package(read_orders).poster is None


def test_poster_that_was_chosen_already_leaves_nothing_to_do(
    film: Video, read_orders: ReadOrders
) -> None:
    choose_poster(film, None, user=film.owner, now=NOW)
    assert read_orders() == []


def test_poster_holds_for_a_new_transcode_of_the_same_source_alone(
    film: Video, read_orders: ReadOrders
) -> None:
    choose_poster(film, 3, user=film.owner, now=NOW)
    package(newest(film), 1)
    read_orders()
    again = transcode_again(film, user=film.owner, now=NOW)
    assert order_package(again, read_orders).poster == 2
    package(again, 2)
    TranscodeJob.objects.update(source_key=f"originals/{film.pk}/{uuid4()}")
    other = transcode_again(film, user=film.owner, now=NOW)
    assert order_package(other, read_orders).poster is None


@pytest.mark.parametrize("number", [0, 6])
def test_poster_that_is_none_of_the_candidates_is_refused(film: Video, number: int) -> None:
    with pytest.raises(Refused, match="no_such_poster"):
        choose_poster(film, number, user=film.owner, now=NOW)


def test_film_without_an_asset_has_no_poster_to_choose(video: Video) -> None:
    with pytest.raises(Refused, match="no_such_poster"):
        choose_poster(video, 1, user=video.owner, now=NOW)


def test_name_is_not_taken_twice(video: Video) -> None:
    add(video)
    with pytest.raises(Refused, match="name_taken"):
        add(video, language="de")
    assert video.captions.count() == 1


def test_there_is_an_end_to_captions(video: Video) -> None:
    Caption.objects.bulk_create(
        Caption(video=video, language="en", name=str(number), cues=1)
        for number in range(MAX_CAPTIONS)
    )
    with pytest.raises(Refused, match="too_many_captions"):
        add(video)


def test_file_that_is_no_captions_changes_nothing(film: Video, read_orders: ReadOrders) -> None:
    with pytest.raises(Refused, match="captions_invalid: Line 2"):
        add(film, content=b"1\n00:00:01,000 --> never\nHello\n")
    assert read_orders() == []
    assert not film.captions.exists()


def test_deleted_video_takes_its_captions_along(film: Video, creator: User) -> None:
    add(film)
    film.delete()
    assert not Caption.objects.exists()
    assert not Asset.objects.exists()
    assert creator.videos.count() == 0
