"""The encoding child: one attempt, in a process that strangers' files may crash.

It is started as `python -m transcoder.child`, knows neither broker nor password, is limited in
memory, time and files, and dies with the worker that started it.
"""

import os
import resource
import signal
import sys
import time
import traceback
from typing import BinaryIO, Final

import av.logging

from shared.asset import Asset, index_files
from shared.jobs import FailureReason
from shared.runtime.lifeline import tie_to_parent
from shared.runtime.store.interface import StoreFull
from shared.runtime.store.local import LocalStore
from transcoder.errors import TranscodeFailed
from transcoder.messages import ChildTask, Failed, Finished, Progressed, render_message
from transcoder.pipeline import make_asset
from transcoder.progress import Meter, Progress
from transcoder.settings import Settings

_OPEN_FILES: Final = 256
_NICENESS: Final = 5


def main() -> None:
    task = ChildTask.model_validate_json(sys.stdin.buffer.read())
    tie_to_parent(signal.SIGKILL, task.parent_pid)
    _limit_resources(task.settings)
    with _open_channel() as channel:
        channel.write(render_message(_run(task, channel)))


def _run(task: ChildTask, channel: BinaryIO) -> Finished | Failed:
    def tell(progress: Progress) -> None:
        message = Progressed(fraction=progress.fraction, rungs=dict(progress.rungs))
        channel.write(render_message(message))
        channel.flush()

    store = LocalStore(task.media_store)
    try:
        asset = make_asset(
            task.order, store, task.settings, now=int(time.time()), meter=Meter(tell)
        )
    except TranscodeFailed as error:
        return Failed(reason=error.reason, detail=str(error))
    except MemoryError as error:
        return Failed(reason=FailureReason.OUT_OF_MEMORY, detail=str(error))
    except StoreFull as error:
        return Failed(reason=FailureReason.DISK_FULL, detail=str(error))
    except Exception as error:
        traceback.print_exc()
        return Failed(reason=FailureReason.INTERNAL, detail=f"{type(error).__name__}: {error}")
    return _describe(asset)


def _describe(asset: Asset) -> Finished:
    return Finished(
        duration_ms=asset.duration_ms,
        size_bytes=sum(file.size_bytes for file in index_files(asset).values()),
        heights=tuple(r.height for r in asset.renditions if r.height is not None),
    )


def _open_channel() -> BinaryIO:
    """Take standard output for messages; what else is printed goes to the log. FFmpeg writes
    there by itself: a callback into Python has deadlocked its threads before."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    av.logging.restore_default_callback()
    av.logging.set_libav_level(av.logging.WARNING)
    return channel


def _limit_resources(settings: Settings) -> None:
    cpu_s = settings.timeout_s * (os.cpu_count() or 1)
    for limit, most in (
        (resource.RLIMIT_AS, settings.max_memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, settings.max_file_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        allowed = resource.getrlimit(limit)[1]
        value = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(limit, (value, value))
    os.nice(_NICENESS)


if __name__ == "__main__":
    main()
