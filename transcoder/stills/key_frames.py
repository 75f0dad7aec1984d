"""Key frames of a finished rendition, each decoded by itself."""

from typing import cast

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame


class KeyFrameDecoder:
    """Decodes single key frames of a rendition; `config` is the content of its `avcC` (or what
    another `decoder` of FFmpeg wants beforehand), empty where frames bring it along."""

    def __init__(self, config: bytes, decoder: str = "h264") -> None:
        self._context = cast("VideoCodecContext", av.CodecContext.create(decoder, "r"))
        self._context.extradata = config or None
        self._context.thread_count = 1

    def decode(self, content: bytes) -> VideoFrame | None:
        """The picture of a key frame as it lies in its file; None when it does not decode."""
        try:
            frames = self._context.decode(Packet(content)) + self._context.decode(None)
        except MemoryError:
            raise
        except av.FFmpegError:
            frames = []
        self._context.flush_buffers()
        return frames[0] if len(frames) == 1 and not frames[0].is_corrupt else None
