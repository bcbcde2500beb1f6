"""What SARIF 2.1.0 demands of the parts that Fairway writes, as a JSON Schema; nothing else may stand in a log.

By the text of the standard (OASIS, sections in comments); limits are those of GitHub's code scanning.
"""

from __future__ import annotations

from typing import Any, Final

TEXT: Final = {"type": "string", "minLength": 1}
SHORT: Final = {**TEXT, "maxLength": 1024}
INDEX: Final = {"type": "integer", "minimum": 0}
PLACE: Final = {"type": "integer", "minimum": 1}


def shape(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "required": sorted(required),
        "properties": {**required, **optional},
        "additionalProperties": False,
    }


def many(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


MESSAGE: Final = shape({"text": SHORT})  # §3.11
ARTIFACT: Final = {  # §3.4: absolute, or relative to a base that the run names
    "oneOf": [
        shape({"uri": {"type": "string", "pattern": "^file:///[!-~]*$"}}),
        shape({"uri": {"type": "string", "pattern": "^[!-~]+$"}, "uriBaseId": {"const": "%SRCROOT%"}}),
    ]
}
REGION: Final = shape({"startLine": PLACE, "startColumn": PLACE})  # §3.30
LOCATION: Final = shape(  # §3.28, §3.29, §3.33
    {},
    physicalLocation=shape({"artifactLocation": ARTIFACT}, region=REGION),
    logicalLocations=many(shape({"name": TEXT, "fullyQualifiedName": TEXT}), minItems=1),
)
RULE: Final = shape(  # §3.49
    {
        "id": {**TEXT, "maxLength": 255},
        "shortDescription": shape({"text": SHORT}),
        "fullDescription": shape({"text": SHORT}),
        "help": shape({"text": TEXT}),
    }
)
RESULT: Final = shape(  # §3.27
    {
        "ruleId": TEXT,
        "ruleIndex": INDEX,
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": MESSAGE,
        "locations": many(LOCATION, maxItems=1),
        "partialFingerprints": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[A-Za-z]+/v[0-9]+$"},
            "additionalProperties": TEXT,
        },
    }
)
NOTIFICATION: Final = shape({"level": {"enum": ["none", "note", "warning", "error"]}, "message": MESSAGE})  # §3.58
INVOCATION: Final = shape(  # §3.20
    {"executionSuccessful": {"type": "boolean"}, "toolExecutionNotifications": many(NOTIFICATION)}
)
RUN: Final = shape(  # §3.14
    {
        "tool": shape(
            {
                "driver": shape(
                    {
                        "name": TEXT,
                        "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
                        "rules": many(RULE, uniqueItems=True, maxItems=25_000),
                    }
                )
            }
        ),
        "invocations": many(INVOCATION, minItems=1),
        "originalUriBaseIds": shape({"%SRCROOT%": shape({"description": MESSAGE})}),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": many(RESULT, maxItems=25_000),
    }
)
SARIF: Final = shape(
    {"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": many(RUN, minItems=1, maxItems=20)}  # §3.13
)
