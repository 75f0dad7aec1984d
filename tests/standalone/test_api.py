import pytest

from standalone import api as api_module
from standalone.api import ApiRefused, Video, open_api
from standalone.failure import StartFailed
from tests.standalone.catalogue import PASSWORD, Catalogue, serve_catalogue


async def test_right_password_logs_in() -> None:
    async with serve_catalogue(Catalogue()) as api:
        await api.log_in("admin@test", PASSWORD)


async def test_wrong_password_is_refused_with_the_problems_code() -> None:
    async with serve_catalogue(Catalogue()) as api:
        with pytest.raises(ApiRefused, match="/api/v1/auth/login was refused: 400") as caught:
            await api.log_in("admin@test", "wrong")
    assert caught.value.code == "email_password_mismatch"


async def test_source_arrives_whole_in_several_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "_CHUNK_BYTES", 1000)
    catalogue = Catalogue()
    content = bytes(range(256)) * 10
    async with serve_catalogue(catalogue) as api:
        video = await api.create_video(title="Film", description="", visibility="public")
        await api.upload_source(video.id, "film.mp4", content)
    assert catalogue.uploads[video.id] == content


async def test_control_plane_that_is_away_is_told() -> None:
    with pytest.raises(StartFailed, match="control plane does not answer"):
        async with open_api("http://127.0.0.1:1") as api:
            await api.get_video("any")


@pytest.mark.parametrize(
    "document",
    [{}, {"id": 3, "newest_job": None}, {"id": "a", "newest_job": {"state": "lost"}}, []],
    ids=["empty", "wrong type", "unknown state", "no object"],
)
def test_answer_of_another_shape_is_refused(document: object) -> None:
    with pytest.raises(StartFailed, match="not a Video"):
        Video.read(document)
