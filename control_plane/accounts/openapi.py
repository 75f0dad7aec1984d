"""Allauth's operations in our OpenAPI document.

Its packaged description is for other paths, other errors and an older OpenAPI: here it is cut to
what is offered, moved to where that lies and brought into the shape of the rest.
"""

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, Final

import yaml
from allauth.headless.spec.internal.schema import (
    specify_custom_signup_form,
    specify_signup_fields,
    specify_user,
)
from django.urls import Resolver404, resolve

from shared.runtime.problem import PROBLEM_TYPE

Tree = dict[str, Any]

_ROOTS: Final = {"app": "/api/v1/", "browser": "/api/v1/browser/"}
_SECURITY: Final = {"app": "accessToken", "browser": "cookieAuth"}
_FOREIGN_PARAMETERS: Final = {"app": {"Client"}, "browser": {"Client", "SessionToken"}}
_REFERENCE: Final = re.compile(r'"#/components/(\w+)/(\w+)"')
_PREFIX: Final = "Account"  # so that none of its components has the name of one of ours
_FIRST_ERROR: Final = "400"
# What is answered here on top of what is packaged.
_ADDITIONS: Final[Mapping[tuple[str, str], Tree]] = {
    ("/api/v1/browser/auth/provider/redirect", "post"): {
        "200": {
            "description": "Where to go, for a script: who does not accept `text/html`.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "status": {"type": "integer", "const": 200},
                            "data": {
                                "type": "object",
                                "properties": {"location": {"type": "string", "format": "uri"}},
                                "required": ["location"],
                            },
                        },
                        "required": ["status", "data"],
                    }
                }
            },
        }
    }
}


def add_account_operations(result: Tree, **_context: Any) -> Tree:
    """A post-processing hook of drf-spectacular."""
    packaged = _read_packaged()
    paths = dict(_list_paths(packaged["paths"]))
    for (path, method), responses in _ADDITIONS.items():
        paths[path][method]["responses"].update(responses)
    for section, name in _find_components(paths, packaged["components"]):
        part = packaged["components"][section][name.removeprefix(_PREFIX)]
        result["components"].setdefault(section, {})[name] = part
    result["paths"] = dict(sorted({**result["paths"], **paths}.items()))
    return result


def _read_packaged() -> Tree:
    document = resources.files("allauth.headless.spec") / "doc" / "openapi.yaml"
    packaged: Tree = yaml.load(document.read_bytes(), Loader=yaml.CSafeLoader)
    specify_user(packaged)
    specify_signup_fields(packaged)
    specify_custom_signup_form(packaged)
    for name in ("ProviderRedirect", "ProviderToken"):
        packaged["components"]["schemas"][name]["properties"]["invitation"] = {"type": "string"}
    _allow_nulls(packaged)
    _describe_recovery_codes(packaged)
    renamed = _REFERENCE.sub(rf'"#/components/\1/{_PREFIX}\2"', json.dumps(packaged))
    parsed: Tree = json.loads(renamed)
    return parsed


def _describe_recovery_codes(packaged: Tree) -> None:
    """New ones are answered as the present ones are, which are shown only once."""
    operations = packaged["paths"]["/_allauth/{client}/v1/account/authenticators/recovery-codes"]
    operations["post"]["responses"]["200"] = operations["get"]["responses"]["200"]
    _, codes = packaged["components"]["schemas"]["SensitiveRecoveryCodesAuthenticator"]["allOf"]
    del codes["required"]


def _allow_nulls(tree: Any) -> None:
    """Say by its type that a value may be null, as OpenAPI 3.1 wants it."""
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        _allow_nulls(child)
    if not isinstance(tree, dict) or not tree.pop("nullable", False):
        return
    if "type" in tree:
        tree["type"] = [tree["type"], "null"]
    elif "$ref" in tree:
        tree["anyOf"] = [{"$ref": tree.pop("$ref")}, {"type": "null"}]


def _list_paths(paths: Tree) -> Iterator[tuple[str, Tree]]:
    """Packaged paths are `/_allauth/{client}/v1/…`, or name the one client that has them."""
    for packaged_path, operations in paths.items():
        _, _, kind, _, name = packaged_path.split("/", 4)
        for client, root in _ROOTS.items():
            if kind in (client, "{client}") and _is_offered(root + name):
                yield root + name, _adapt(operations, client, name)


def _is_offered(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _adapt(operations: Tree, client: str, name: str) -> Tree:
    return {
        method: {
            **operation,
            "operationId": re.sub(r"\W", "_", f"{client}_{name}_{method}"),
            "tags": [f"accounts ({client})"],
            "parameters": _keep_parameters(operation, client),
            "security": [{_SECURITY[client]: []}, {}],
            "responses": {
                status: _describe_refusal(status, response) if status >= _FIRST_ERROR else response
                for status, response in operation["responses"].items()
            },
        }
        for method, operation in operations.items()
    }


def _keep_parameters(operation: Tree, client: str) -> list[Tree]:
    foreign = {f"#/components/parameters/{_PREFIX}{name}" for name in _FOREIGN_PARAMETERS[client]}
    return [one for one in operation.get("parameters", []) if one.get("$ref") not in foreign]


def _describe_refusal(status: str, response: Tree) -> Tree:
    name = "InvalidProblem" if status == _FIRST_ERROR else "Problem"
    schema = {"$ref": f"#/components/schemas/{name}"}
    description = response.get("description", "Not done; `code` says why.").strip()
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": schema}}}


def _find_components(paths: Tree, components: Tree) -> set[tuple[str, str]]:
    """Sections and names of all components that paths lead to and that are not ours."""
    found: set[tuple[str, str]] = set()
    unread: list[Any] = [paths]
    while unread:
        for section, name in set(_REFERENCE.findall(json.dumps(unread.pop()))) - found:
            if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) in components[section]:
                found.add((section, name))
                unread.append(components[section][name.removeprefix(_PREFIX)])
    return found
