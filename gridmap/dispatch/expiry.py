"""When the parties of an agreement are told that it runs out: a month before, a week, that day."""

from datetime import date

# So many days before its last day, the latest first. A sample, as all clocks here.
WARNINGS_DAYS = (0, 7, 30)
# Who was not told on the last day, because nobody worked, is told until then.
LATE_DAYS = 7


def warning(valid_until: date, today: date) -> int | None:
    """Return which warning is due on a day, in days; ``None``: none yet, or not any more.

    >>> last = date(2026, 12, 31)
    >>> [warning(last, date(2026, 12, day)) for day in (1, 20, 24, 31)]
    [30, 30, 7, 0]
    >>> warning(last, date(2026, 11, 30)), warning(last, date(2027, 1, 8))
    (None, None)
    """
    left = (valid_until - today).days
    if left < -LATE_DAYS:
        return None
    return next((days for days in WARNINGS_DAYS if left <= days), None)
