"""The filter: words that must be there, `key:value`, and `!` for what must not (UX §3.5)."""

import msgspec

__all__ = ["is_kept"]


def is_kept(row: msgspec.Struct, *, filter_text: str) -> bool:
    """Tell whether a row passes every word of the filter; letters' case does not matter.

    `kind:mode,recon` keeps rows whose field `kind` contains one of the values.
    """
    fields = {name: str(value).lower() for name, value in msgspec.structs.asdict(row).items()}
    whole = " ".join(fields.values())
    for word in filter_text.lower().split():
        wanted = word.removeprefix("!")
        key, has_key, value = wanted.partition(":")
        if has_key and key in fields:
            is_there = any(part in fields[key] for part in value.split(","))
        else:
            is_there = wanted in whole
        if is_there is word.startswith("!"):
            return False
    return True
