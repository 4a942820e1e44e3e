"""One point: where a life is killed, and what its disk holds then."""

from dataclasses import dataclass
from typing import Final, NamedTuple, final

__all__ = ["IMAGES", "Cut", "Point"]


class Cut(NamedTuple):
    """What becomes of the changes since the last barrier: the ledger's file and its log's."""

    main: str
    log: str


# The first is kill -9: the kernel keeps everything. The others are power cuts. Those with chance in
# them draw anew at each act. Of those that come out the same at an act one is enough.
IMAGES: Final[tuple[Cut | None, ...]] = (
    None,
    Cut("kept", "kept"),
    Cut("lost", "lost"),
    Cut("kept", "lost"),
    Cut("lost", "kept"),
    Cut("torn", "torn"),
    Cut("torn last", "torn last"),
    Cut("all but last", "last only"),
    Cut("some", "some"),
    Cut("torn", "lost"),
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Killed before its turn `step`, or before its file act `act` with an image of IMAGES."""

    step: int | None = None
    act: int | None = None
    image: int = 0

    @property
    def cut(self) -> Cut | None:
        """How the power goes; None when only the process dies."""
        return IMAGES[self.image]

    def words(self) -> str:
        """Return the flags of the command that name it."""
        if self.step is not None:
            return f"--step {self.step}"
        return f"--act {self.act} --image {self.image}"
