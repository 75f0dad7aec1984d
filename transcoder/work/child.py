"""The child: one order, in a process that strangers' files may crash.

It is started as `python -m transcoder.work.child` in a scratch folder, knows neither broker nor
password, shuts itself in (`sandbox.py`), and dies with the worker that started it.
"""

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import BinaryIO

import av.logging

from shared.jobs import (
    EncodeOrder,
    FailureReason,
    PackageOrder,
    PlanOrder,
)
from shared.runtime.lifeline import tie_to_parent
from shared.runtime.store.interface import StoreFull
from shared.runtime.store.local import LocalStore
from transcoder.errors import TranscodeFailed
from transcoder.pipeline import make_chunk, make_package, make_plan
from transcoder.progress import Meter, Progress
from transcoder.work.messages import (
    AnyReport,
    ChildTask,
    Failed,
    Finished,
    Progressed,
    render_message,
)
from transcoder.work.sandbox import enter_sandbox


def main() -> None:
    sys.unraisablehook = end_without_memory
    task = ChildTask.model_validate_json(sys.stdin.buffer.read())
    task.media_store.mkdir(parents=True, exist_ok=True)
    refused = enter_sandbox(task.limits, [task.media_store, Path.cwd()])
    # a change of namespace makes the kernel forget whose death is this one's
    tie_to_parent(signal.SIGKILL, task.parent_pid)
    if refused:
        sys.stderr.write(f"not permitted here: {', '.join(refused)}\n")
    with _open_channel() as channel:
        channel.write(render_message(_run(task, channel)))


def end_without_memory(fault: "sys.UnraisableHookArgs") -> None:
    """A thread that dies of a lack of memory before it has begun leaves the one that has started it
    waiting for ever. So the process ends as if the kernel had taken it for want of memory."""
    if fault.exc_type is MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.__unraisablehook__(fault)


def _run(task: ChildTask, channel: BinaryIO) -> Finished | Failed:
    def tell(progress: Progress) -> None:
        message = Progressed(fraction=progress.fraction, rungs=dict(progress.rungs))
        channel.write(render_message(message))
        channel.flush()

    try:
        return Finished(report=_carry_out(task, Meter(tell)))
    except TranscodeFailed as error:
        return Failed(reason=error.reason, detail=str(error))
    except MemoryError as error:
        return Failed(reason=FailureReason.OUT_OF_MEMORY, detail=str(error))
    except StoreFull as error:
        return Failed(reason=FailureReason.DISK_FULL, detail=str(error))
    except Exception as error:
        traceback.print_exc()
        return Failed(reason=FailureReason.INTERNAL, detail=f"{type(error).__name__}: {error}")


def _carry_out(task: ChildTask, meter: Meter) -> AnyReport:
    store, settings, now = LocalStore(task.media_store), task.settings, int(time.time())
    match task.order:
        case PlanOrder() as order:
            return make_plan(order, store, settings, meter)
        case EncodeOrder() as order:
            return make_chunk(order, store, settings, meter)
        case PackageOrder() as order:
            return make_package(order, store, settings, meter, now=now)


def _open_channel() -> BinaryIO:
    """Take standard output for messages; what else is printed goes to the log. FFmpeg writes
    there by itself: a callback into Python has deadlocked its threads before."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    av.logging.restore_default_callback()
    av.logging.set_libav_level(av.logging.WARNING)
    return channel


if __name__ == "__main__":
    main()
