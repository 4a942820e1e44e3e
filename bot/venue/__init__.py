"""The venue client: bytes to and from Deribit on one side, our own types on the other.

`session` and `http` carry calls, `read` and `write` are what may be asked, `wire` is the border
where the venue's JSON becomes `bot.domain.report`. Nothing here decides anything.
"""
