"""How a job is shown: the same to a request and to those who watch it live."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from control_plane.accounts.callers import find_caller
from control_plane.transcodes.models import (
    JobStateChoice,
    Priority,
    TranscodeChunk,
    TranscodeJob,
)
from shared.jobs import FailureReason, explain_failure


class FailureSerializer(serializers.Serializer[Any]):
    """Why a job failed."""

    reason = serializers.ChoiceField(choices=[reason.value for reason in FailureReason])
    message = serializers.CharField(help_text="A sentence for the person who uploaded the file.")


class OperatorSerializer(serializers.ModelSerializer[TranscodeJob]):
    """What helps to find out what went wrong."""

    class Meta:
        model = TranscodeJob
        fields = ("source_key", "base_asset_id", "asset_id", "failure_detail", "log_tail")
        read_only_fields = fields


class PlannedRungSerializer(serializers.Serializer[Any]):
    """A rung that is made, named by its short side."""

    height = serializers.IntegerField()
    width_px = serializers.IntegerField()
    height_px = serializers.IntegerField()
    frame_rate = serializers.CharField(help_text="A fraction: `30000/1001`.")
    max_bit_rate_bps = serializers.IntegerField()
    reason = serializers.CharField()


class RungLeftOutSerializer(serializers.Serializer[Any]):
    """A rung that is not made."""

    height = serializers.IntegerField()
    reason = serializers.CharField()


class PlannedAudioSerializer(serializers.Serializer[Any]):
    """A rendition of sound that is made."""

    name = serializers.CharField()
    language = serializers.CharField(allow_null=True)
    channels = serializers.IntegerField()


class PlannedTextSerializer(serializers.Serializer[Any]):
    """A text track of the source that becomes a rendition."""

    name = serializers.CharField()
    language = serializers.CharField(allow_null=True)
    is_forced = serializers.BooleanField()


class PlanSummarySerializer(serializers.Serializer[Any]):
    """What is made of a source, and why."""

    rungs = PlannedRungSerializer(many=True)
    left_out = RungLeftOutSerializer(many=True)
    audio = PlannedAudioSerializer(many=True)
    texts = PlannedTextSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())


class PlanSerializer(serializers.Serializer[Any]):
    """What a job is going to do, told before anything is encoded."""

    duration_ms = serializers.IntegerField()
    summary = PlanSummarySerializer()
    bytes_estimate = serializers.IntegerField(help_text="Of the asset.")
    cpu_s_estimate = serializers.FloatField(help_text="Seconds of one core.")
    disk_bytes_needed = serializers.IntegerField(help_text="Free in the store, to begin.")


class WarningSerializer(serializers.Serializer[Any]):
    """What the check before publishing found that is no failure."""

    rule = serializers.CharField()
    name = serializers.CharField(help_text="The file or rendition concerned.")
    text = serializers.CharField()


class PriorityField(serializers.ChoiceField):
    """A priority by its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[name.lower() for name in Priority.names], **options)

    def to_representation(self, value: Any) -> str:
        return value if isinstance(value, str) else Priority(value).name.lower()


class JobSerializer(serializers.ModelSerializer[TranscodeJob]):
    """A job. `operator` is there for administrators alone, and not in live events."""

    priority = PriorityField(read_only=True)
    failure = serializers.SerializerMethodField()
    operator = serializers.SerializerMethodField()

    class Meta:
        model = TranscodeJob
        fields = (
            "id",
            "video_id",
            "state",
            "stage",
            "priority",
            "is_dry_run",
            "chunks_done",
            "chunk_count",
            "restarts",
            "fraction",
            "rungs",
            "eta_s",
            "failure",
            "created_at",
            "started_at",
            "heartbeat_at",
            "finished_at",
            "operator",
        )
        read_only_fields = fields

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, job: TranscodeJob) -> dict[str, str] | None:
        if job.state != JobStateChoice.FAILED:
            return None
        reason = FailureReason(job.failure_reason)
        return {"reason": reason.value, "message": explain_failure(reason)}

    @extend_schema_field(OperatorSerializer(allow_null=True))
    def get_operator(self, job: TranscodeJob) -> dict[str, Any] | None:
        request = self.context.get("request")
        caller = None if request is None else find_caller(request)
        if caller is None or not caller.is_staff:
            return None
        return OperatorSerializer(job).data


class JobDetailSerializer(JobSerializer):
    """A job with its plan and what was found in its asset, which do not change at every event."""

    plan = PlanSerializer(allow_null=True, read_only=True)
    warnings = WarningSerializer(many=True, read_only=True)

    class Meta:
        model = TranscodeJob
        fields = (*JobSerializer.Meta.fields, "plan", "warnings")
        read_only_fields = fields


class ChunkSerializer(serializers.ModelSerializer[TranscodeChunk]):
    """A part of a job's work, for administrators."""

    failure_reason = serializers.CharField(help_text="Empty where nothing failed.")

    class Meta:
        model = TranscodeChunk
        fields = (
            "number",
            "kind",
            "state",
            "attempt",
            "starts",
            "heights",
            "has_sound",
            "cost",
            "memory_bytes",
            "fraction",
            "worker",
            "heartbeat_at",
            "size_bytes",
            "cpu_s",
            "finished_at",
            "failure_reason",
            "failure_detail",
        )
        read_only_fields = fields


class RetryInput(serializers.Serializer[Any]):
    """How much of a job is done again."""

    from_start = serializers.BooleanField(
        default=False, help_text="All of it, as a new job; else only what is missing."
    )


class PriorityInput(serializers.Serializer[Any]):
    """A job's new priority."""

    priority = PriorityField()
