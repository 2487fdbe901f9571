"""Beijing's working calendar: public holidays with 调休, from the kept library `holidays`."""

from datetime import date
from importlib import metadata

import holidays

# Each notice of the State Council rules one year; those before are of another kind (no 调休).
_FIRST_YEAR = 2001
_AHEAD = 30  # guessed years beyond the last notice; the library guesses more when asked


class Workdays:
    """Which days are worked in China, by the notices that the installed library knows.

    Immutable after it is made, but for guesses about years far ahead, which the library adds by
    itself when asked.

    A year without its notice is provisional: its festivals are known, its bridging days and the
    weekends worked for them are not. The last days of the year before may change with it, too
    (2027's New Year may move a working day into December 2026).

    >>> days = Workdays()
    >>> days.is_working_day(date(2026, 2, 14)), days.is_working_day(date(2026, 2, 16))
    (True, False)
    """

    def __init__(self) -> None:
        self._announced = self._last_notice()
        years = range(_FIRST_YEAR, self._announced + _AHEAD)
        self._china = holidays.country_holidays("CN", years=years)

    @staticmethod
    def _last_notice() -> int:
        # The library keeps what the notices moved, by year; a year without such rows is its guess.
        moved: dict[int, object] = holidays.country_holidays("CN").special_public_holidays
        return max(moved)

    @property
    def version(self) -> str:
        """The library and its version: another one may know another year's notice."""
        return f"holidays {metadata.version('holidays')}"

    @property
    def announced_until(self) -> int:
        """The last year whose holidays have been announced."""
        return self._announced

    def is_working_day(self, on: date) -> bool:
        """Whether a day is worked: no holiday, or a weekend day that is worked for one."""
        return bool(self._china.is_working_day(on))

    def is_provisional(self, year: int) -> bool:
        """Whether a year's holidays are guessed, because the library has no notice of it."""
        return year > self._announced
