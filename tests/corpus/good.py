"""Files as telephones, cameras, screen recorders and editors make them, and what each becomes."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from tests.corpus.makers import (
    HLG,
    PQ,
    Maker,
    clip,
    dolby_vision,
    ffmpeg,
    gstreamer,
    hdr,
    joined,
    turned,
)

NTSC: Final = Fraction(30000, 1001)
FILM: Final = Fraction(24000, 1001)


@dataclass(frozen=True, slots=True)
class Good:
    """A source and its asset: the highest rung's size and rate, how many pictures of the source
    are shown in a second (None where their numbers are not to be read), how long it lasts,
    whether its colours are the drawn ones, how many renditions of sound there are, and by how
    much the sound may be late or early. The source's first picture is shown at `begins_s`; the
    share `torn` of its pictures may have a number that cannot be read, as where each field has
    another one. After `again_s`, both picture and sound begin anew."""

    name: str
    make: Maker
    size: tuple[int, int] | None = (320, 180)
    rate: Fraction | int = 30
    shown: Fraction | int | None = 30
    seconds: float = 2.0
    has_colours: bool = True
    sounds: int = 1
    skew_ms: float | None = 1.5
    within_s: float = 0.05
    light: int = 14
    begins_s: float = 0.0
    torn: float = 0.1
    again_s: float | None = None


def _silent(name: str, make: Maker, **changes: object) -> Good:
    return Good(name, make, sounds=0, skew_ms=None, **changes)  # type: ignore[arg-type]


X264 = "-c:v libx264 -preset ultrafast -crf 16 -bf 2 -pix_fmt yuv420p"
AAC = "-c:a aac -b:a 192k"

ORIENTATIONS: Final = [
    _silent(
        f"turned by {90 * quarters}{', mirrored' if is_mirrored else ''}",
        turned("turned.mp4", quarters, is_mirrored=is_mirrored),
    )
    for quarters in range(4)
    for is_mirrored in (False, True)
]

CONTAINERS: Final = [
    Good("H.264 and AAC in MP4", clip("a.mp4")),
    Good("H.264 and PCM in MOV", clip("a.mov", audio="pcm_s16le")),
    Good("H.264 and AAC in Matroska", clip("a.mkv")),
    Good("H.264 and AAC in MPEG-TS", clip("a.ts"), skew_ms=2.0),
    Good("H.264 and AAC in FLV", clip("a.flv"), skew_ms=2.0),
    Good("VP8 and Opus in WebM", clip("a.webm", codec="libvpx", audio="libopus")),
    Good(
        "VP9 and Opus in WebM",
        ffmpeg("a.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 3M -c:a libopus"),
        skew_ms=8,
    ),
    Good(
        "AV1 and Opus in MP4",
        ffmpeg("a.mp4", "-c:v libsvtav1 -preset 12 -crf 20 -pix_fmt yuv420p -c:a libopus"),
    ),
    Good(
        "HEVC and AAC in MOV",
        ffmpeg("a.mov", f"-c:v libx265 -preset ultrafast -crf 16 -x265-params log-level=none "
                        f"-pix_fmt yuv420p -tag:v hvc1 {AAC}"),
    ),
    _silent("HEVC of 10 bits", clip("a.mp4", codec="libx265", pixels="yuv420p10le", audio=None)),
    Good("MPEG-4 and MP3 in AVI", ffmpeg("a.avi", "-c:v mpeg4 -q:v 2 -c:a libmp3lame"), skew_ms=45),
    Good("MPEG-4 with B-frames in AVI", ffmpeg("a.avi", "-c:v mpeg4 -bf 2 -q:v 2 -c:a ac3"),
         skew_ms=45, within_s=0.1),
    Good("H.264 in AVI", ffmpeg("a.avi", f"{X264} -c:a libmp3lame"), skew_ms=70, within_s=0.1),
    Good("Motion JPEG and PCM in AVI", ffmpeg("a.avi", "-c:v mjpeg -q:v 2 -c:a pcm_s16le")),
    Good("WMV 8 and WMA in ASF", ffmpeg("a.wmv", "-c:v wmv2 -b:v 4M -c:a wmav2"), skew_ms=50),
    Good("Sorenson Spark and MP3 in FLV", ffmpeg(
        "a.flv", "-c:v flv -q:v 2 -c:a libmp3lame -ar 44100"),
         skew_ms=30),
    Good("MPEG-2 and MP2 in MPEG-PS", ffmpeg("a.mpg", "-c:v mpeg2video -q:v 2 -c:a mp2 -b:a 192k"),
         skew_ms=15),
    Good("MPEG-2 and AC-3 in MPEG-TS", ffmpeg("a.ts", "-c:v mpeg2video -q:v 2 -bf 2 -c:a ac3"),
         skew_ms=15),
    Good("H.264 and AAC in M2TS", ffmpeg("a.m2ts", f"{X264} {AAC}"), skew_ms=25),
    Good("HEVC in MPEG-TS", ffmpeg("a.ts", f"-c:v libx265 -preset ultrafast -crf 16 -x265-params "
                                           f"log-level=none -pix_fmt yuv420p {AAC}"), skew_ms=25),
    Good("ProRes 422 of 10 bits", ffmpeg(
        "a.mov", "-c:v prores_ks -profile:v 2 -pix_fmt yuv422p10le -c:a pcm_s24le")),
    _silent("ProRes 4444 with alpha", ffmpeg("a.mov", "-c:v prores_ks -profile:v 4 -pix_fmt "
                                                      "yuva444p10le", sound=False)),
    Good("MPEG-2 and PCM in MXF",
         ffmpeg("a.mxf", "-c:v mpeg2video -q:v 2 -pix_fmt yuv422p -c:a pcm_s16le -r 30 -ar 48000")),
    Good("FFV1 and FLAC in Matroska", ffmpeg("a.mkv", "-c:v ffv1 -c:a flac")),
    _silent("Ut Video in AVI", ffmpeg("a.avi", "-c:v utvideo -pix_fmt gbrp", sound=False)),
    _silent("raw pictures in AVI", ffmpeg("a.avi", "-c:v rawvideo -pix_fmt bgr24", sound=False)),
    _silent("Animation in MOV", ffmpeg("a.mov", "-c:v qtrle -pix_fmt rgb24", sound=False)),
    Good("Theora and Vorbis in Ogg", ffmpeg("a.ogv", "-c:v libtheora -q:v 10 -c:a libvorbis"),
         skew_ms=5),
    Good("H.264 in fragments", ffmpeg("a.mp4", f"{X264} -g 15 {AAC} -movflags "
                                               "frag_keyframe+empty_moov+default_base_moof"),
         skew_ms=25, seconds=2.067, begins_s=0.067),
    Good("index first", ffmpeg("a.mp4", f"{X264} {AAC} -movflags +faststart")),
    Good("Matroska as it is streamed", ffmpeg("a.mkv", f"{X264} {AAC} -live 1")),
    Good("Digital8 camera, DV", ffmpeg(
        "a.avi", "-c:v dvvideo -pix_fmt yuv411p -s 720x480 -r 30000/1001 "
                 "-aspect 4:3 -c:a pcm_s16le", rate=NTSC, seconds=1),
         size=None, rate=NTSC, shown=None, seconds=1, has_colours=False, skew_ms=None),
]  # fmt: skip

OTHER_MAKERS: Final = [
    _silent("GStreamer: H.264 in MP4", gstreamer(
        "g.mp4", "openh264enc bitrate=4000000 ! h264parse ! mp4mux ! filesink location={path}")),
    _silent("GStreamer: MOV", gstreamer(
        "g.mov", "jpegenc quality=95 ! qtmux ! filesink location={path}")),
    Good("GStreamer: VP8 and Vorbis in WebM", gstreamer(
        "g.webm", "vp8enc deadline=1 target-bitrate=4000000 ! webmmux name=m ! filesink "
                  "location={path} {sound} ! vorbisenc ! m."), skew_ms=30),
    Good("GStreamer: H.264 and AAC in MPEG-TS", gstreamer(
        "g.ts", "openh264enc bitrate=4000000 ! h264parse ! queue ! mpegtsmux name=m ! filesink "
                "location={path} {sound} ! voaacenc ! aacparse ! queue ! m."),
         skew_ms=70, within_s=0.15),
    Good("GStreamer: Motion JPEG and PCM in AVI", gstreamer(
        "g.avi", "jpegenc quality=95 ! avimux name=m ! filesink location={path} "
                 "{sound} ! m."), skew_ms=60, within_s=0.15),
    Good("GStreamer: Theora and Vorbis in Ogg", gstreamer(
        "g.ogg", "theoraenc quality=60 ! oggmux name=m ! filesink location={path} "
                 "{sound} ! vorbisenc ! m."), skew_ms=30),
    Good("GStreamer: Matroska", gstreamer(
        "g.mkv", "openh264enc bitrate=4000000 ! h264parse ! matroskamux name=m ! filesink "
                 "location={path} {sound} ! flacenc ! m."), skew_ms=30),
]  # fmt: skip

SHAPES: Final = [
    _silent("upright", clip("a.mp4", size=(180, 320), audio=None), size=(180, 320)),
    _silent("odd sides", clip("a.mp4", size=(321, 181), pixels="yuv444p", audio=None)),
    _silent("wide pixels", clip("a.mp4", pixel_aspect=Fraction(4, 3), audio=None), size=(426, 180),
            has_colours=False),
    _silent("narrow pixels", clip("a.mkv", pixel_aspect=Fraction(8, 9), audio=None),
            size=(284, 180), has_colours=False),
    _silent("4:2:2 of 10 bits", ffmpeg("a.mp4", "-c:v libx264 -preset ultrafast -crf 16 -pix_fmt "
                                                "yuv422p10le", sound=False)),
    _silent("4:4:4", ffmpeg("a.mkv", "-c:v libx264 -preset ultrafast -crf 16 -pix_fmt yuv444p",
                            sound=False)),
    _silent("RGB in H.264", ffmpeg("a.mkv", "-c:v libx264rgb -preset ultrafast -crf 16",
                                   sound=False)),
    _silent("full range", ffmpeg("a.mp4", "-vf scale=out_range=pc -c:v libx264 -preset ultrafast "
                                          "-crf 16 -pix_fmt yuvj420p", sound=False)),
    _silent("colours of BT.709", ffmpeg(
        "a.mp4", "-vf scale=out_color_matrix=bt709 -c:v libx264 -preset ultrafast -crf 16 -pix_fmt "
                 "yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709", sound=False)),
    _silent("large enough for two rungs", clip("a.mp4", size=(854, 480), seconds=1, audio=None),
            size=(854, 480), seconds=1),
    _silent("nearly a rung", clip("a.mp4", size=(632, 346), seconds=1, audio=None),
            size=(632, 346), seconds=1),
    _silent("HDR10", hdr("a.mp4", PQ), seconds=1, light=30),
    _silent("Dolby Vision over SDR", dolby_vision("a.ts", is_full_range=False), seconds=1),
    _silent("HLG", hdr("a.mov", HLG), seconds=1, light=30),
]  # fmt: skip

TIMES: Final = [
    Good("23.976 a second", clip("a.mp4", rate=FILM), rate=FILM, shown=FILM),
    Good("24 a second", clip("a.mov", rate=Fraction(24)), rate=24, shown=24),
    Good("25 a second", clip("a.mp4", rate=Fraction(25)), rate=25, shown=25),
    Good("29.97 a second", clip("a.mkv", rate=NTSC), rate=NTSC, shown=NTSC),
    Good("12.5 a second", clip("a.mp4", rate=Fraction(25, 2)), rate=25, shown=Fraction(25, 2)),
    Good("50 a second", clip("a.mp4", rate=Fraction(50), size=(854, 480), seconds=1),
         size=(854, 480), rate=50, shown=50, seconds=1),
    Good("59.94 a second", clip("a.mp4", rate=Fraction(60000, 1001), size=(854, 480), seconds=1),
         size=(854, 480), rate=Fraction(60000, 1001), shown=Fraction(60000, 1001), seconds=1),
    Good("60 a second, small", clip("a.mp4", rate=Fraction(60)), rate=30, shown=60),
    Good("120 a second", clip("a.mp4", rate=Fraction(120), seconds=1), rate=30, shown=120,
         seconds=1, has_colours=False),
    Good("a screen that hardly moves", clip(
        "a.mp4", times_s=[0, 0.2, 0.4, 5.0, 5.3, 10.1, 15.0, 15.2], seconds=16),
         shown=None, seconds=16, skew_ms=None),
    Good("a varying rate", ffmpeg(
        "a.mp4", f"-vf select='not(eq(mod(n,7),3))' -vsync vfr {X264} {AAC}"), within_s=0.1),
    Good("times in milliseconds that jitter", ffmpeg(
        "a.mkv", f"-vf setpts=PTS+mod(N\\,2)*0.004/TB -vsync passthrough {X264} {AAC}"),
         within_s=0.1),
    _silent("interlaced, upper field first", ffmpeg(
        "a.mpg", "-vf scale=sws_flags=fast_bilinear,interlace=scan=tff:lowpass=off -c:v mpeg2video "
                 "-flags +ildct+ilme -q:v 2 -pix_fmt yuv420p -top 1 -r 25",
        size=(854, 480), rate=50, sound=False),
            size=(854, 480), rate=50, shown=50, has_colours=False, within_s=0.1,
            torn=0.6),
    _silent("interlaced, lower field first", ffmpeg(
        "a.mp4", "-vf interlace=scan=bff:lowpass=off -c:v libx264 -preset ultrafast -crf 12 "
                 "-flags +ildct+ilme -x264opts bff=1 -pix_fmt yuv420p -r 25",
        size=(854, 480), rate=50, sound=False),
            size=(854, 480), rate=50, shown=50, has_colours=False, within_s=0.1,
            torn=0.6),
    _silent("interlaced, and nobody says so", ffmpeg(
        "a.mkv", "-vf interlace=scan=tff:lowpass=off,setfield=prog -c:v libx264 -preset ultrafast "
                 "-crf 12 -pix_fmt yuv420p -r 25", size=(854, 480), rate=50, sound=False),
            size=(854, 480), rate=50, shown=50, has_colours=False, within_s=0.1,
            torn=0.6),
    _silent("whole pictures that are called interlaced", ffmpeg(
        "a.mp4", "-vf setfield=tff -c:v libx264 -preset ultrafast -crf 16 -x264opts tff=1 "
                 "-flags +ildct+ilme -pix_fmt yuv420p", rate=25, sound=False), rate=25, shown=25),
    _silent("a single picture", clip("a.mp4", times_s=[0.0], audio=None), seconds=1 / 30,
            within_s=0.02),
    Good("a single picture with sound", clip("a.mp4", times_s=[0.0]), shown=0),
    Good("a still picture with sound", ffmpeg(
        "a.mkv", f"-vf select=eq(n\\,0),loop=-1:1,trim=duration=2 {X264} -tune stillimage {AAC}"),
         shown=0, within_s=0.1),
    Good("sound begins later", clip("a.mkv", sound_begins_s=0.5), seconds=2.5, skew_ms=None),
    Good("sound lasts longer", clip("a.mp4", sound_s=3.0), seconds=3.0, skew_ms=None),
    Good("picture begins later", clip("a.mkv", picture_begins_s=0.5), seconds=2.5, shown=None,
         has_colours=False),
]  # fmt: skip

SOUNDS: Final = [
    Good("no picture, AAC", clip("a.m4a", codec=None), size=None, shown=None),
    Good("no picture, MP3", clip("a.mp3", codec=None, audio="libmp3lame"), size=None, shown=None),
    Good("no picture, FLAC", clip("a.flac", codec=None, audio="flac"), size=None, shown=None),
    Good("no picture, WAV", clip("a.wav", codec=None, audio="pcm_s16le"), size=None, shown=None),
    Good("no picture, Opus", clip("a.ogg", codec=None, audio="libopus"), size=None, shown=None),
    Good("a cover, MP3", ffmpeg(
        "a.mp3", "-map 1 -map 0 -frames:v 1 -c:v mjpeg -disposition:v attached_pic -c:a libmp3lame "
                 "-id3v2_version 3"), size=None, shown=None, skew_ms=30),
    Good("a cover, M4A", ffmpeg(
        "a.m4a", "-map 1 -map 0 -frames:v 1 -c:v mjpeg -disposition:v attached_pic -c:a aac"),
         size=None, shown=None),
    Good("mono of 44.1 kHz", clip("a.mp4", layout="mono", rate_hz=44_100)),
    Good("surround sound", clip("a.mp4", layout="5.1"), sounds=2, skew_ms=None),
    Good("left and right as two tracks", ffmpeg(
        "a.mov", f"-filter_complex [1]channelsplit[l][r] -map 0 -map [l] -map [r] {X264} "
                 "-c:a pcm_s16le")),
    Good("left and right of a studio's camera", ffmpeg(
        "a.mxf", "-filter_complex [1]channelsplit[l][r] -map 0 -map [l] -map [r] -c:v dnxhd "
                 "-profile:v dnxhr_lb -pix_fmt yuv422p -c:a pcm_s24le")),
    Good("two languages", ffmpeg(
        "a.mkv", f"-map 0 -map 1 -map 1 {X264} {AAC} -metadata:s:a:0 language=deu "
                 "-metadata:s:a:1 language=eng"), sounds=2),
    Good("a title, and no language", ffmpeg("a.mkv", f"-map 0 -map 1 {X264} {AAC} "
                                                     "-metadata title=captions")),
    _silent("no sound", clip("a.mp4", audio=None)),
]  # fmt: skip

CHANGES: Final = [
    _silent("size in mid-stream", joined("a.ts", [
        ffmpeg("a.ts", f"{X264} -g 30", sound=False),
        ffmpeg("a.ts", f"{X264} -g 30 -output_ts_offset 2", size=(480, 180), sound=False)]),
            seconds=4, shown=None, has_colours=False, within_s=0.15),
    _silent("shape of pixels in mid-stream", joined("a.ts", [
        ffmpeg("a.ts", f"{X264} -g 30 -aspect 4:3", size=(240, 180), sound=False),
        ffmpeg("a.ts", f"{X264} -g 30 -aspect 16:9 -output_ts_offset 2", size=(240, 180), seconds=6,
               sound=False)]),
            seconds=8, shown=None, has_colours=False, within_s=0.15),
    _silent("form of pixels in mid-stream", joined("a.ts", [
        ffmpeg("a.ts", f"{X264} -g 30", sound=False),
        ffmpeg("a.ts", "-c:v libx264 -preset ultrafast -crf 16 -pix_fmt yuv422p10le "
                       "-output_ts_offset 2", sound=False)]),
            seconds=4, shown=None, within_s=0.15),
    _silent("rate in mid-stream", joined("a.ts", [
        ffmpeg("a.ts", X264, sound=False),
        ffmpeg("a.ts", f"{X264} -output_ts_offset 2", rate=60, sound=False)]),
            seconds=4, rate=30, shown=None, has_colours=False, within_s=0.15),
]  # fmt: skip


def _twice(
    name: str, ending: str, options: str, *, offsets_s: tuple[float, float], **changes: object
) -> Good:
    """Two films in one file, whose clocks begin at some time."""
    parts = [ffmpeg(f"a.{ending}", f"{options} -output_ts_offset {at}") for at in offsets_s]
    members = {"seconds": 4.03, "again_s": 2.027, **changes}
    return Good(name, joined(f"a.{ending}", parts), **members)  # type: ignore[arg-type]


MPEG_2 = "-c:v mpeg2video -q:v 2 -bf 2"

JUMPS: Final = [
    _twice("a clock that begins anew", "ts", f"{X264} {AAC}", offsets_s=(0, 0), skew_ms=25),
    _twice("a clock an hour ahead", "ts", f"{X264} {AAC}", offsets_s=(0, 3600), skew_ms=25),
    _twice("a clock ten seconds back", "ts", f"{X264} {AAC}", offsets_s=(10, 0), skew_ms=25),
    _twice("a clock an hour back", "m2ts", f"{X264} {AAC}", offsets_s=(3600, 9), skew_ms=25),
    _twice("a clock that begins anew, MPEG-PS", "mpg", f"{MPEG_2} -c:a mp2 -b:a 192k",
           offsets_s=(0, 0), again_s=2.016, skew_ms=15),
    _twice("a clock that begins anew, DVD", "vob", f"{MPEG_2} -c:a ac3",
           offsets_s=(0, 0), again_s=2.016, skew_ms=15),
    Good("a clock that runs over", ffmpeg("a.ts", f"{X264} {AAC} -output_ts_offset 95442.7"),
         skew_ms=25),
    _twice("Matroska joined", "mkv", f"{X264} {AAC}", offsets_s=(0, 0), skew_ms=25),
    Good("MP3 joined", joined("a.mp3", [ffmpeg("a.mp3", "-map 1 -c:a libmp3lame")] * 2),
         size=None, shown=None, seconds=4.08, again_s=2.04, skew_ms=60),
    Good("Opus joined", joined("a.ogg", [ffmpeg("a.ogg", "-map 1 -c:a libopus")] * 2),
         size=None, shown=None, seconds=4.0, again_s=2.0, skew_ms=15),
]  # fmt: skip

GOOD: Final = [
    *ORIENTATIONS, *CONTAINERS, *OTHER_MAKERS, *SHAPES, *TIMES, *SOUNDS, *CHANGES, *JUMPS
]  # fmt: skip
