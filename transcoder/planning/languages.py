"""Languages of sound and captions: as files write them, as playlists want them, as people read.

Files mostly have the three letters of ISO 639-2, in one of two spellings (`ger`, `deu`); playlists
have BCP 47 tags (RFC 5646), in which the shortest code is the right one (`de`). Menus show a
language as it calls itself (`Deutsch`).
"""

import re
from typing import Final

# Two letters; the spellings of three letters; the name.
_TABLE: Final = """
af afr Afrikaans
am amh አማርኛ
ar ara العربية
az aze Azərbaycanca
be bel Беларуская
bg bul Български
bn ben বাংলা
bs bos Bosanski
ca cat Català
cs ces,cze Čeština
cy cym,wel Cymraeg
da dan Dansk
de deu,ger Deutsch
el ell,gre Ελληνικά
en eng English
eo epo Esperanto
es spa Español
et est Eesti
eu eus,baq Euskara
fa fas,per فارسی
fi fin Suomi
fr fra,fre Français
ga gle Gaeilge
gd gla Gàidhlig
gl glg Galego
gu guj ગુજરાતી
he heb עברית
hi hin हिन्दी
hr hrv Hrvatski
hu hun Magyar
hy hye,arm Հայերեն
id ind Indonesia
is isl,ice Íslenska
it ita Italiano
ja jpn 日本語
ka kat,geo ქართული
kk kaz Қазақша
km khm ខ្មែរ
kn kan ಕನ್ನಡ
ko kor 한국어
ku kur Kurdî
ky kir Кыргызча
la lat Latina
lb ltz Lëtzebuergesch
lo lao ລາວ
lt lit Lietuvių
lv lav Latviešu
mk mkd,mac Македонски
ml mal മലയാളം
mn mon Монгол
mr mar मराठी
ms msa,may Melayu
mt mlt Malti
my mya,bur မြန်မာ
nb nob Norsk bokmål
ne nep नेपाली
nl nld,dut Nederlands
nn nno Norsk nynorsk
no nor Norsk
pa pan ਪੰਜਾਬੀ
pl pol Polski
ps pus پښتو
pt por Português
ro ron,rum Română
ru rus Русский
si sin සිංහල
sk slk,slo Slovenčina
sl slv Slovenščina
so som Soomaali
sq sqi,alb Shqip
sr srp Српски
sv swe Svenska
sw swa Kiswahili
ta tam தமிழ்
te tel తెలుగు
tg tgk Тоҷикӣ
th tha ไทย
tk tuk Türkmençe
tl tgl Tagalog
tr tur Türkçe
uk ukr Українська
ur urd اردو
uz uzb Oʻzbekcha
vi vie Tiếng Việt
xh xho IsiXhosa
yi yid ייִדיש
yo yor Yorùbá
zh zho,chi 中文
zu zul IsiZulu
"""  # noqa: RUF001  (letters of other scripts are the point)

_ROWS: Final = [line.split(maxsplit=2) for line in _TABLE.strip().splitlines()]
_NAMES: Final = {short: name for short, _, name in _ROWS}
_SHORT: Final = {long: short for short, spellings, _ in _ROWS for long in spellings.split(",")}
# ISO 639-2 for what is no language: undetermined, uncoded, several, none at all.
_NO_LANGUAGE: Final = frozenset({"und", "mis", "mul", "zxx"})
_TAG: Final = re.compile(r"([a-z]{2,3})((?:-[a-z0-9]{2,8}){0,4})", re.ASCII)
_LONGEST: Final = 35  # RFC 5646 section 4.4.1
_SCRIPT_LETTERS: Final = 4
_REGION_LETTERS: Final = 2


def tag_language(written: str | None) -> str | None:
    """The BCP 47 tag of a language as a file writes it; None where it names none."""
    match = _TAG.fullmatch((written or "").strip().lower().replace("_", "-"))
    if match is None or match[1] in _NO_LANGUAGE or len(match[0]) > _LONGEST:
        return None
    primary, rest = _SHORT.get(match[1], match[1]), match[2].split("-")[1:]
    return "-".join([primary, *map(_spell_subtag, rest)])


def _spell_subtag(subtag: str) -> str:
    """RFC 5646 section 2.1.1: `zh-Hant-TW`."""
    if len(subtag) == _SCRIPT_LETTERS:
        return subtag.title()
    return subtag.upper() if len(subtag) == _REGION_LETTERS else subtag


def name_language(tag: str) -> str:
    """What a language calls itself; its tag where that is not known here."""
    primary, _, rest = tag.partition("-")
    name = _NAMES.get(primary)
    if name is None:
        return tag
    return f"{name} ({rest})" if rest else name
