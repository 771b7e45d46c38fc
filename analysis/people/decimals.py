"""Coefficients and their intervals as they are written: a real minus, no minus before nothing, no dash after one."""


def decimals(value: float, digits: int = 2) -> str:
    """ "0.41", "−0.02"; what rounds to nothing has no sign."""
    said = f"{abs(value):.{digits}f}"
    return f"−{said}" if value < 0 and float(said) else said


def between(low: float, high: float, digits: int = 2) -> str:
    """ "0.11–0.43", "−0.02 to 0.07"."""
    low_said, high_said = decimals(low, digits), decimals(high, digits)
    return f"{low_said} to {high_said}" if "−" in low_said + high_said else f"{low_said}–{high_said}"
