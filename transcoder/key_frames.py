"""Key frames of a finished H.264 rendition, each decoded by itself."""

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame


class KeyFrameDecoder:
    """Decodes single key frames of a rendition; `avc_config` is the content of its `avcC`."""

    def __init__(self, avc_config: bytes) -> None:
        self._context: VideoCodecContext = av.CodecContext.create("h264", "r")
        self._context.extradata = avc_config
        self._context.thread_count = 1

    def decode(self, content: bytes) -> VideoFrame | None:
        """The picture of a key frame as it lies in MP4; None when it does not decode."""
        try:
            frames = self._context.decode(Packet(content)) + self._context.decode(None)
        except MemoryError:
            raise
        except av.FFmpegError:
            frames = []
        self._context.flush_buffers()
        return frames[0] if len(frames) == 1 and not frames[0].is_corrupt else None
