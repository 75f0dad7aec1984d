"""When a decoded picture is to be shown, where the container is not to be trusted with it."""


class PictureClock:
    """Chooses between a picture's own time and the decode time of the packet that completed it.

    Pictures leave a decoder in order, so that times which fall back are wrong. AVI, for one, has
    only decode times, and what FFmpeg makes of them for B-frames is out of order. The kind that
    has been wrong less often is believed, as FFmpeg's own programs do.
    """

    def __init__(self) -> None:
        self._last_pts: int | None = None
        self._last_dts: int | None = None
        self._faulty_pts = 0
        self._faulty_dts = 0

    def choose_time(self, pts: int | None, dts: int | None) -> int | None:
        """The time of the next picture; None when the container gives it none."""
        if pts is not None:
            self._faulty_pts += self._last_pts is not None and pts <= self._last_pts
            self._last_pts = pts
        if dts is not None:
            self._faulty_dts += self._last_dts is not None and dts <= self._last_dts
            self._last_dts = dts
        if pts is None or (dts is not None and self._faulty_pts > self._faulty_dts):
            return dts
        return pts
