"""Area codes of DB11/T 2157-2023: 6 district + 3 street + 3 community + 3 cell digits.

Only the form and the parent prefix are checked. There is no check digit, and a fifth of
Beijing's real codes break the textbook ranges for digits 7-9, so the kind of a unit comes from
its name, never from its code. Street codes 9xx are provisional ones of this project.
"""

from gridmap.errors import BadCodeError, NumberingError
from gridmap.level import Level

DIGITS = {
    Level.CITY: 6,
    Level.DISTRICT: 6,
    Level.STREET: 9,
    Level.COMMUNITY: 12,
    Level.CELL: 15,
}

# What a level adds to its parent's code: three digits below the district.
MOST_CHILDREN = 999


def check(code: str, *, level: Level) -> str:
    """Return ``code`` when it has the form of ``level``.

    Raises
    ------
    BadCodeError
        It is not all ASCII digits, or has the wrong length, or (city) does not end in 00.
    """
    if not (code.isascii() and code.isdigit()):
        raise BadCodeError(code=code, level=level, why="it must be digits only")
    if len(code) != DIGITS[level]:
        why = f"it must have {DIGITS[level]} digits, not {len(code)}"
        if other := form_of(code):
            why += f", which is the form of a {other}: each level needs its own rows"
        raise BadCodeError(code=code, level=level, why=why)
    if level is Level.CITY and not code.endswith("00"):
        raise BadCodeError(code=code, level=level, why="a city's code ends in 00 (GB/T 2260)")
    return code


def form_of(code: str) -> Level | None:
    """Return the level whose form a code has, by length and ending; ``None`` for no level's.

    >>> form_of("110102020"), form_of("110000"), form_of("11010")
    (<Level.STREET: 'street'>, <Level.CITY: 'city'>, None)
    """
    if not (code.isascii() and code.isdigit()):
        return None
    if len(code) == DIGITS[Level.CITY]:
        return Level.CITY if code.endswith("00") else Level.DISTRICT
    by_length = {DIGITS[level]: level for level in (Level.STREET, Level.COMMUNITY, Level.CELL)}
    return by_length.get(len(code))


def level_of(code: str) -> Level:
    """Return the level that a code's length and ending tell.

    Raises
    ------
    BadCodeError
        It has the form of no level.

    >>> level_of("110102020005003"), level_of("110000"), level_of("110102")
    (<Level.CELL: 'cell'>, <Level.CITY: 'city'>, <Level.DISTRICT: 'district'>)
    """
    level = form_of(code) or Level.DISTRICT
    check(code, level=level)
    return level


def is_parent(parent: str, code: str) -> bool:
    """Tell whether ``parent`` is the prefix of ``code`` (a city's: without its closing 00s).

    >>> is_parent("110102", "110102020"), is_parent("110000", "110102")
    (True, True)
    >>> is_parent("110106", "110102020")
    False
    """
    stem = parent
    if len(parent) == DIGITS[Level.CITY]:
        while stem.endswith("00"):
            stem = stem[:-2]
    return len(code) >= len(parent) and code != parent and code.startswith(stem)


def numbered(parent: str, count: int) -> list[str]:
    """Return the codes of ``count`` new areas of one parent (a street or community), in order.

    Raises
    ------
    NumberingError
        There are more than the 999 that three digits can number.

    >>> numbered("110102020005", 2)
    ['110102020005001', '110102020005002']
    """
    if count > MOST_CHILDREN:
        raise NumberingError(parent=parent, count=count)
    return [f"{parent}{number:03d}" for number in range(1, count + 1)]
