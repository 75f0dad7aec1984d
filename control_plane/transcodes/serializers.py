"""How a job is shown: the same to a request and to those who watch it live."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from control_plane.accounts.callers import find_caller
from control_plane.transcodes.models import JobStateChoice, TranscodeJob
from shared.jobs import FailureReason, explain_failure


class FailureSerializer(serializers.Serializer[Any]):
    """Why a job failed."""

    reason = serializers.ChoiceField(choices=[reason.value for reason in FailureReason])
    message = serializers.CharField(help_text="A sentence for the person who uploaded the file.")


class OperatorSerializer(serializers.ModelSerializer[TranscodeJob]):
    """What helps to find out what went wrong."""

    class Meta:
        model = TranscodeJob
        fields = ("source_key", "asset_id", "starts", "failure_detail", "log_tail")
        read_only_fields = fields


class JobSerializer(serializers.ModelSerializer[TranscodeJob]):
    """A job. `operator` is there for administrators alone, and not in live events."""

    failure = serializers.SerializerMethodField()
    operator = serializers.SerializerMethodField()

    class Meta:
        model = TranscodeJob
        fields = (
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
