"""The command: `python -m transcoder.inspect <folder, playlist or URL>`.

Prints what was measured and what is wrong. Ends with 0 when no rule that must be kept is broken,
with 1 when one is, with 2 when there is nothing to inspect.
"""

import argparse
import sys
from collections.abc import Sequence

import av.logging

from shared.report import render_report
from transcoder.inspect.package import inspect_place
from transcoder.inspect.table import render_report_table
from transcoder.inspect.walk import PresentationUnreadable


def main(arguments: Sequence[str]) -> int:
    options = parse_options(arguments)
    av.logging.set_level(None)
    try:
        report = inspect_place(options.place, decodes_all=options.decode_all)
    except PresentationUnreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.json:
        sys.stdout.write(render_report(report).decode() + "\n")
    else:
        sys.stdout.write(render_report_table(report))
    return 1 if report.failures else 0


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m transcoder.inspect",
        description="Check an HLS package against Apple's authoring rules and RFC 8216.",
    )
    parser.add_argument(
        "place",
        help="an asset's folder, a folder or file of HLS, or an http(s) URL of its playlist",
    )
    parser.add_argument(
        "--decode-all", action="store_true", help="decode every picture and all sound"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
