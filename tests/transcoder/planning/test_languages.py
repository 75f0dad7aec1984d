"""Languages: tags that playlists want, names that people read."""

import pytest

from transcoder.planning.languages import name_language, tag_language


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("eng", "en"),
        ("fre", "fr"),
        ("fra", "fr"),
        ("ger", "de"),
        ("deu", "de"),
        ("DE", "de"),
        ("de", "de"),
        ("en-us", "en-US"),
        ("pt_BR", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("chi", "zh"),
        ("fil", "fil"),
        (" eng ", "en"),
        ("es-419", "es-419"),
    ],
)
def test_a_language_becomes_its_shortest_tag(written: str, tag: str) -> None:
    assert tag_language(written) == tag


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "und",
        "mul",
        "zxx",
        "mis",
        "e",
        "english",
        'en"',
        "en\n#EXT",
        "12",
        "ён",
        "en-",
        "en" + "-abcdefgh" * 4,
    ],
)
def test_what_is_no_language_has_no_tag(written: str | None) -> None:
    assert tag_language(written) is None


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("de", "Deutsch"),
        ("ja", "日本語"),
        ("pt-BR", "Português (BR)"),
        ("fil", "fil"),
        ("tlh", "tlh"),
    ],
)
def test_a_language_is_named_in_itself(tag: str, name: str) -> None:
    assert name_language(tag) == name
