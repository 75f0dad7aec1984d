"""The operations that Django does not see (`uploads.asgi`) in our OpenAPI document."""

from http import HTTPStatus
from typing import Any, Final

from control_plane.uploads.protocol import CONTENT_TYPE, VERSION
from shared.runtime.problem import PROBLEM_TYPE

Tree = dict[str, Any]

_PATH: Final = "/api/v1/uploads/{upload_id}"

_REFUSALS: Final = {
    400: "`invalid_header`",
    401: "`not_authenticated`, `authentication_failed`",
    403: "`permission_denied`: the CSRF token of a session is missing or wrong.",
    404: "`not_found`: no such upload, or not the caller's.",
    408: "`interrupted`: the bytes stopped coming; those that came are kept.",
    409: "`offset_mismatch`: it has another offset. `upload_finished`: nothing is left to do.",
    410: "`upload_expired`",
    412: "`unsupported_version`",
    413: "`too_large`: more bytes than the upload has.",
    415: "`unsupported_media_type`",
    423: "`upload_busy`: another request is sending it.",
    460: "`checksum_mismatch`: the bytes were cut off again.",
    507: "`disk_full`: the server has no room left; what has arrived is kept.",
}
_ANY: Final = (400, 401, 403, 404, 412, 423)
_PATCH: Final = (*_ANY, 408, 409, 410, 413, 415, 460, 507)


def add_upload_operations(result: Tree, **_context: Any) -> Tree:
    """A post-processing hook of drf-spectacular."""
    paths = {**result["paths"], _PATH: _describe_path()}
    return {**result, "paths": dict(sorted(paths.items()))}


def _describe_path() -> Tree:
    return {
        "head": _describe_operation("retrieve", "How far an upload is.", ok=200, refusals=_ANY),
        "patch": _describe_patch(),
        "delete": _describe_operation(
            "destroy", "Give an unfinished upload up.", ok=204, refusals=(*_ANY, 409)
        ),
    }


def _describe_patch() -> Tree:
    text = "Send bytes from the upload's offset on; those that arrive are kept, come what may."
    described = _describe_operation("partial_update", text, ok=204, refusals=_PATCH)
    described["requestBody"] = {"required": True, "content": {CONTENT_TYPE: {}}}
    described["parameters"] += [
        _describe_parameter("Upload-Offset", schema={"pattern": "^[0-9]+$"}),
        _describe_parameter("Upload-Checksum", required=False),
    ]
    return described


def _describe_operation(name: str, text: str, *, ok: int, refusals: tuple[int, ...]) -> Tree:
    headers = {
        header: {"schema": {"type": "string"}}
        for header in ("Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Expires")
    }
    done = {"description": HTTPStatus(ok).phrase, "headers": headers}
    return {
        "operationId": f"uploads_{name}",
        "description": text,
        "tags": ["uploads"],
        "parameters": [
            _describe_parameter("upload_id", where="path", schema={"format": "uuid"}),
            _describe_parameter("Tus-Resumable", schema={"const": VERSION}),
        ],
        "security": [{"accessToken": []}, {"cookieAuth": []}],
        "responses": {str(ok): done, **{str(code): _describe_refusal(code) for code in refusals}},
    }


def _describe_refusal(status: int) -> Tree:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _REFUSALS[status], "content": {PROBLEM_TYPE: {"schema": schema}}}


def _describe_parameter(
    name: str, *, where: str = "header", required: bool = True, schema: Tree | None = None
) -> Tree:
    typed = {"type": "string", **(schema or {})}
    return {"in": where, "name": name, "required": required, "schema": typed}
