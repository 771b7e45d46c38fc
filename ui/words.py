"""Numbers and times as people say them."""

from datetime import UTC, datetime

_OWN = 10  # timed decisions from which on a pace is more theirs than assumed


def count(number: int, one: str, many: str | None = None) -> str:
    """ "1 row", "1,204 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """A length of time: "0.4 s", "3.1 s", "42 s", "5 min", "2 h 10 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def time_left(left: float, seconds: float, decisions: int, *, own: bool, assumed: float) -> tuple[str, str, str]:
    """About how many seconds are `left`, the pace behind it, and its basis: "≈ 18 min", "at your 12 s each", …

    Hours come with tens of minutes, "≈ 2 h 20", ten hours and more without: it is no more exact than that.
    """
    hours, tens = divmod(round(left / 600), 6)
    if left < 3570:
        said = duration(left)
    elif hours >= 10:
        said = f"{left / 3600:.0f} h"
    else:
        said = f"{hours} h {tens}0" if tens else f"{hours} h"
    return f"≈ {said}", pace(seconds, decisions, own=own), pace_basis(decisions, own=own, assumed=assumed)


def pace(seconds: float, decisions: int, *, own: bool) -> str:
    """How long a decision takes, and how that is known: of one's own, of everybody's decisions, or of none."""
    if not decisions:
        return f"at {duration(seconds)} each, assumed"
    if decisions < _OWN:
        return f"at about {duration(seconds)} each"
    return f"at {'your ' if own else ''}{duration(seconds)} each{'' if own else ' so far'}"


def pace_basis(decisions: int, *, own: bool, assumed: float) -> str:
    """What a pace rests on, as a sentence for a tooltip."""
    if not decisions:
        return f"Assumed: {duration(assumed)} a decision, until decisions have been timed."
    whose = "your" if own else "everybody's"
    return (
        f"The average of {whose} {count(decisions, 'timed decision')} and ten assumed ones of {duration(assumed)}, "
        "without the quickest and the slowest quarter. Those taken back and those about many at once are left out."
    )


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago a moment in UTC was: "just now", "4 min ago", "on 2026-03-14"."""
    seconds = ((now or datetime.now(UTC)).replace(tzinfo=None) - moment.replace(tzinfo=None)).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 24 * 3600:
        return f"{seconds // 3600:.0f} h ago"
    return f"on {moment.date().isoformat()}"


def share(part: int, whole: int) -> str:
    """A part of a whole in percent: "12 %", "0.4 %", "0 %"."""
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.0f} %" if percent >= 10 or percent == round(percent) else f"{percent:.1f} %"


def size(number: int) -> str:
    """Bytes as people say them: "812 bytes", "3.4 MB"."""
    if number < 1000:
        return count(number, "byte")
    value = float(number)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.5 or unit == "GB":
            break
    return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def share_between(share: float, low: float, high: float) -> str:
    """An estimated share with its interval: "77 % (74–79 %)"; "–" for what is not known."""
    if share != share:
        return "–"
    return f"{100 * share:.0f} % ({100 * low:.0f}–{100 * high:.0f} %)"
