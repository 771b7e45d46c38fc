"""Coefficients, chances and intervals as they are written: a real minus, no minus before nothing, no dash after one."""


def decimals(value: float, digits: int = 2) -> str:
    """ "0.41", "−0.02"; what rounds to nothing has no sign."""
    said = f"{abs(value):.{digits}f}"
    return f"−{said}" if value < 0 and float(said) else said


def chance(value: float) -> str:
    """A probability in percent, and no certainty that nobody has: "97 %", "over 99 %", "under 1 %"."""
    if value > 0.99:
        return "over 99 %"
    return f"{100 * value:.0f} %" if value >= 0.01 or not value else "under 1 %"


def between(low: float, high: float, digits: int = 2) -> str:
    """ "0.11–0.43", "−0.02 to 0.07"."""
    low_said, high_said = decimals(low, digits), decimals(high, digits)
    return f"{low_said} to {high_said}" if "−" in low_said + high_said else f"{low_said}–{high_said}"
