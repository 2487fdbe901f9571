"""Small values that cross the wire everywhere: clean text, numbers that are numbers, codes."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Wire(BaseModel):
    """Base of all bodies: unknown keys are refused, so that a typing slip is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text may not hold the NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("text may not hold a lone surrogate") from error
    return text


def _past(instant: datetime) -> datetime:
    if instant > datetime.now(UTC):
        raise ValueError("it is in the future")
    return instant


Text = Annotated[str, AfterValidator(storable), StringConstraints(max_length=2_000)]
Name = Annotated[str, AfterValidator(storable), StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,15}$")]
# Strict: JSON true is no number. Not-a-number passes here and is refused by name in the library.
Metres = Annotated[float, Field(strict=True)]
PastInstant = Annotated[AwareDatetime, AfterValidator(_past)]
