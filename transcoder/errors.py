"""What can stop a film on its way: each error names the reason that is reported for it."""

from typing import ClassVar

from shared.jobs import FailureReason


class TranscodeFailed(Exception):
    """An attempt that cannot go on. The text is for the operator."""

    reason: ClassVar[FailureReason] = FailureReason.INTERNAL


class SourceUnsupported(TranscodeFailed):
    """The source is in no format that is read here."""

    reason = FailureReason.UNSUPPORTED


class SourceTruncated(TranscodeFailed):
    """The source ends before it says it does."""

    reason = FailureReason.TRUNCATED


class SourceCorrupt(TranscodeFailed):
    """Too much of the source cannot be decoded."""

    reason = FailureReason.CORRUPT


class SourceJoined(TranscodeFailed):
    """Behind the film that can be read, another one begins."""

    reason = FailureReason.JOINED


class SourceProtected(TranscodeFailed):
    """The source is encrypted."""

    reason = FailureReason.PROTECTED


class SourceEmpty(TranscodeFailed):
    """The source holds neither picture nor sound."""

    reason = FailureReason.NO_MEDIA


class SourceTooLarge(TranscodeFailed):
    """The source has more bytes or pixels than are accepted."""

    reason = FailureReason.TOO_LARGE


class SourceTooLong(TranscodeFailed):
    """The source lasts longer than is accepted."""

    reason = FailureReason.TOO_LONG


class PackageFaulty(TranscodeFailed):
    """The finished package is not what it should be."""


class WorkMissing(TranscodeFailed):
    """Something is not there that an earlier chunk of the job has left."""


class RoomMissing(TranscodeFailed):
    """The store has too little room left for what would be made."""

    reason = FailureReason.DISK_FULL
