"""How a job is shown: the same to a request and to those who watch it live."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from control_plane.transcodes.models import JobStateChoice, TranscodeJob
from shared.jobs import FailureReason, explain_failure


class FailureSerializer(serializers.Serializer[Any]):
    """Why a job failed."""

    reason = serializers.ChoiceField(choices=[reason.value for reason in FailureReason])
    message = serializers.CharField(help_text="A sentence for the person who uploaded the file.")


class JobSerializer(serializers.ModelSerializer[TranscodeJob]):
    """A job as its owner sees it."""

    failure = serializers.SerializerMethodField()

    class Meta:
        model = TranscodeJob
        fields: tuple[str, ...] = (
            "id",
            "video_id",
            "state",
            "attempt",
            "fraction",
            "rungs",
            "eta_s",
            "failure",
            "created_at",
            "started_at",
            "heartbeat_at",
            "finished_at",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, job: TranscodeJob) -> dict[str, str] | None:
        if job.state != JobStateChoice.FAILED:
            return None
        reason = FailureReason(job.failure_reason)
        return {"reason": reason.value, "message": explain_failure(reason)}


class OperatorJobSerializer(JobSerializer):
    """A job as an administrator sees it: with the detail and log of the latest failure."""

    class Meta(JobSerializer.Meta):
        fields = (*JobSerializer.Meta.fields, "source_key", "failure_detail", "log_tail")
        read_only_fields = fields
