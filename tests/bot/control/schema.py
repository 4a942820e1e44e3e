"""A small JSON Schema validator: just the words that our schemas use."""

import re


def faults_of(value: object, *, schema: dict, root: dict, at: str = "$") -> list[str]:
    """Return what does not fit, one line each."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        tries = [faults_of(value, schema=s, root=root, at=at) for s in schema["anyOf"]]
        return [] if any(not found for found in tries) else tries[0]
    found = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "type" in schema and not _is_of(value, schema["type"]):
        return [*found, f"{at}: {value!r} is no {schema['type']}"]
    if schema.get("format") == "date-time":
        pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        if not (isinstance(value, str) and re.fullmatch(pattern, value)):
            found.append(f"{at}: {value!r} is no instant")
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        found.append(f"{at}: longer than {schema['maxLength']}")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{at}: {len(value)} items")
        for n, item in enumerate(value):
            found += faults_of(item, schema=schema.get("items", {}), root=root, at=f"{at}[{n}]")
    if isinstance(value, dict):
        found += [
            f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value
        ]
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                found += faults_of(value[name], schema=inner, root=root, at=f"{at}.{name}")
    return found


def _is_of(value: object, wanted: str | list[str]) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "boolean": bool,
        "number": (int, float),
        "null": type(None),
    }
    return any(
        isinstance(value, kinds[name]) and (name == "boolean" or not isinstance(value, bool))
        for name in names
    )
