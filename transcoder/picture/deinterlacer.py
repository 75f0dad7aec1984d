"""Fields back to whole pictures: 25 interlaced ones a second become 50, as smooth as they were
taken."""

from collections.abc import Iterator
from fractions import Fraction

from av.video.frame import VideoFrame

from transcoder.input.facts import Scan
from transcoder.picture.filters import Chain, Form


class Deinterlacer:
    """Pictures made of two fields in, a picture for each field out, shown when the field is.

    The neighbours of a picture count, so that those next to a change of form and to the ends are
    made from fewer.
    """

    def __init__(self, scan: Scan) -> None:
        self._parity = "bff" if scan is Scan.BOTTOM_FIRST else "tff"
        self._form: Form | None = None
        self._chain: Chain | None = None

    def push(self, frame: VideoFrame, form: Form) -> Iterator[tuple[VideoFrame, Form]]:
        """The pictures that `frame` makes ready, mostly those of the one before, with the form of
        what they are made from."""
        if self._chain is None or form != self._form:
            yield from self.finish()
            self._form, self._chain = form, self._build(form, frame.time_base)
        form.stamp(frame)
        self._chain.push(frame)
        yield from self._drain(self._chain, form)

    def finish(self) -> Iterator[tuple[VideoFrame, Form]]:
        """What is left."""
        if self._chain is not None and self._form is not None:
            self._chain.push(None)
            yield from self._drain(self._chain, self._form)
            self._chain = None

    def _build(self, form: Form, time_base: Fraction | None) -> Chain:
        chain = Chain(form, time_base or Fraction(1, 1000))
        return chain.add("bwdif", mode="send_field", parity=self._parity, deint="all").end()

    def _drain(self, chain: Chain, form: Form) -> Iterator[tuple[VideoFrame, Form]]:
        for (picture,) in chain.pull():
            yield picture, form
