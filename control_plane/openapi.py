"""How the API describes itself: errors, the bearer token, and what holds everywhere."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse
from drf_standardized_errors.openapi import AutoSchema
from rest_framework import serializers

from shared.runtime.problem import PROBLEM_TYPE

IDEMPOTENCY_KEY: Final = "Idempotency-Key"

_FIRST_ERROR: Final = "400"
_IS_IDEMPOTENT: Final = "is_idempotent"
_KEY_PARAMETER: Final = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": "Done once for each key of a user; sent again within 24 h, the same answer.",
}
_KEY_REFUSALS: Final = {
    "409": "idempotency_key_in_use: a call with this key is being worked on.",
    "422": "idempotency_key_reused: this key was used for another call.",
}
# What allauth's own description leaves out.
_ACCOUNT_PREFIXES: Final = tuple(
    f"/api/v1/{name}/" for name in ("auth", "account", "tokens", "browser")
)
_ACCOUNT_REFUSALS: Final = {
    "400": "invalid: `errors` says what is wrong.",
    "401": "not_authenticated: log in first. Another code names the step that is pending.",
    "403": "permission_denied: not in this state of the account. csrf_failed: of pages.",
    "404": "not_found: nothing of this kind is there.",
    "405": "method_not_allowed: `Allow` lists those that are.",
    "409": (
        "conflict: you are logged in already, or not. unverified_email, add_email_blocked,"
        " cannot_generate_recovery_codes: addresses and second factors do not allow it."
    ),
    "410": "session_gone: the session token is of a session that has ended.",
}
_EVERYWHERE: Final = {
    "429": "throttled: too many calls; `Retry-After` says when to try again.",
    "503": "unavailable: a part of the system is away.",
}


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

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        handler = getattr(self.view, self.method.lower(), None)
        if operation is not None and getattr(handler, _IS_IDEMPOTENT, False):
            operation.setdefault("parameters", []).append(_KEY_PARAMETER)
            _add_refusals(operation, _KEY_REFUSALS)
        return operation


def mark_idempotent(handler: Callable[..., Any]) -> None:
    """Let a view's method be described as one that takes an `Idempotency-Key`."""
    setattr(handler, _IS_IDEMPOTENT, True)


def document_everywhere(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """A post-processing hook of drf-spectacular: what any call may be answered."""
    for path, operations in result["paths"].items():
        for operation in operations.values():
            _add_refusals(operation, _EVERYWHERE)
            if path.startswith(_ACCOUNT_PREFIXES):
                _add_refusals(operation, _ACCOUNT_REFUSALS)
    return result


def _add_refusals(operation: dict[str, Any], texts: Mapping[str, str]) -> None:
    """Beside what the operation says of these statuses by itself."""
    for status, text in texts.items():
        own = operation["responses"].get(status, {}).get("description", "")
        described = f"{own} {text}".strip() if text not in own else own
        operation["responses"][status] = _describe_problem(described, status)


def _describe_problem(text: str, status: str) -> dict[str, Any]:
    name = "InvalidProblem" if status == _FIRST_ERROR else "Problem"
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": text, "content": {PROBLEM_TYPE: {"schema": schema}}}


def document_refusals(codes: Mapping[int, str]) -> dict[int, OpenApiResponse]:
    """Responses for `extend_schema`: by status, the codes it may carry and when."""
    return {status: OpenApiResponse(Problem, description=text) for status, text in codes.items()}


class AccessTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The bearer token that logging in gives."""

    target_class = "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A key of a machine, where tokens stand too."""

    target_class = "control_plane.api_keys.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sluice_live_<id>_<secret>"}
