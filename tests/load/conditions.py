"""What of this machine moves the figures, so that they are not held against those of another."""

import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CONGESTION: Final = Path("/proc/sys/net/ipv4/tcp_congestion_control")


def find_conditions() -> list[str]:
    """A sentence for each thing that is worth knowing here."""
    arguments = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    congestion = _CONGESTION.read_text().strip() if _CONGESTION.exists() else ""
    is_debian = "deb_system" in sysconfig.get_scheme_names()
    return list(judge_conditions(arguments, congestion, is_debian=is_debian))


def judge_conditions(
    config_arguments: str, congestion: str, *, is_debian: bool = False
) -> Iterator[str]:
    """From what Python was configured with, and the kernel's congestion control. Debian's Python
    is optimized without having been configured so."""
    if not is_debian and "--enable-optimizations" not in config_arguments:
        yield (
            "This Python was built without optimizations: small requests cost the edge about"
            " a fifth more than with a distribution's own."
        )
    if congestion == "bbr":
        yield "The kernel paces by BBR: large answers are sent by timers, and rates vary."
