"""Percentiles from raw samples, and where a bench may run at all (PERFORMANCE §6)."""

from collections.abc import Sequence
from pathlib import Path

__all__ = ["drift", "file_system", "percentile", "spread", "stolen", "summary"]

DRIFT_MAX = 0.25  # a floor that moves by more makes the run void (PERFORMANCE §6)
STEAL_MAX = 0.02


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the sample below which this share lies; no interpolation, no averages of others."""
    ordered = sorted(samples)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def summary(samples_s: Sequence[float]) -> dict[str, float]:
    """Return p50, p99 and max in µs, with one decimal."""
    return {
        "p50_us": _us(percentile(samples_s, 0.50)),
        "p99_us": _us(percentile(samples_s, 0.99)),
        "max_us": _us(max(samples_s)),
    }


def spread(ratios: Sequence[float]) -> dict[str, float]:
    """Return the median of the pairs' ratios and their 10–90 % range."""
    return {
        "p50": round(percentile(ratios, 0.5), 2),
        "p10": round(percentile(ratios, 0.1), 2),
        "p90": round(percentile(ratios, 0.9), 2),
    }


def drift(samples: Sequence[float]) -> float:
    """Return by how much the median moved from the first half to the second, as a share."""
    half = len(samples) // 2
    first, second = percentile(samples[:half], 0.5), percentile(samples[half:], 0.5)
    return round(abs(second / first - 1), 3)


def stolen() -> tuple[int, int]:
    """Return the machine's stolen and whole processor time so far, in ticks; 0, 1 if unknown."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0, 1
    ticks = [int(word) for word in stat.read_text().splitlines()[0].split()[1:9]]
    return ticks[7], sum(ticks)


def file_system(folder: Path) -> str:
    """Return the type of the file system that a folder is on; "unknown" where it cannot be told."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return "unknown"
    path, best = str(folder.resolve()), ("", "unknown")
    for line in mounts.read_text().splitlines():
        _, mounted, kind, *_ = line.split(" ")
        is_above = path == mounted or path.startswith(mounted.rstrip("/") + "/")
        if is_above and len(mounted) >= len(best[0]):
            best = (mounted, kind)
    return best[1]


def _us(seconds: float) -> float:
    return round(seconds * 1e6, 1)
