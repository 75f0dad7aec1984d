"""How the API describes itself: its error responses and its bearer token."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse
from drf_standardized_errors.openapi import AutoSchema
from rest_framework import serializers

from shared.runtime.problem import PROBLEM_TYPE

_FIRST_ERROR: Final = "400"


class Problem(serializers.Serializer[Any]):
    """What every refusal and error looks like (RFC 9457)."""

    type = serializers.CharField(help_text="`urn:sluice:problem:` and the code.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for programs.")
    detail = serializers.CharField(required=False, help_text="A sentence for people.")


class Fault(serializers.Serializer[Any]):
    """One thing that is wrong with a request."""

    field = serializers.CharField(allow_null=True, help_text="Where; null for the whole request.")
    code = serializers.CharField()
    detail = serializers.CharField()


class InvalidProblem(Problem):
    """A request that cannot be understood; code `invalid` lists every fault."""

    errors = Fault(many=True, required=False)  # type: ignore[assignment]


class ProblemSchema(AutoSchema):
    """Gives error responses the media type of problems, and leaves out foreign examples."""

    def _get_response_for_code(
        self,
        serializer: Any,
        status_code: str,
        media_types: Any = None,
        direction: str = "response",
    ) -> dict[str, Any]:
        if str(status_code) >= _FIRST_ERROR:
            media_types = [PROBLEM_TYPE]
        described: dict[str, Any] = super()._get_response_for_code(  # type: ignore[no-untyped-call]
            serializer, status_code, media_types, direction
        )
        return described

    def _get_error_response_examples(self) -> list[Any]:
        return []


def document_refusals(codes: Mapping[int, str]) -> dict[int, OpenApiResponse]:
    """Responses for `extend_schema`: by status, the codes it may carry and when."""
    return {status: OpenApiResponse(Problem, description=text) for status, text in codes.items()}


class AccessTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The bearer token that logging in gives."""

    target_class = "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
