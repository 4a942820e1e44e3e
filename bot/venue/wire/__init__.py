"""The border: one file a kind of message, its wire shape beside its translation.

Every struct ignores unknown fields (PROTOCOL §2) and takes every number as the Decimal of its text,
because the venue writes whole numbers as `10.0` too.
"""
