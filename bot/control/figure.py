"""How a figure is written for people: money to the digit, model values to four."""

__all__ = ["figure_text"]


def figure_text(value: str | float) -> str:
    """Write money as it is, and a model value with four significant digits.

    A model value that is whole is written without a point: 33, not 33.0.
    """
    return value if isinstance(value, str) else f"{value:.4g}"
