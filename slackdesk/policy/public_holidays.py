"""Public holidays, copied into the policy when it is applied: a newer holiday table must not change past due dates."""

from collections.abc import Iterable
from datetime import date

import holidays

YEARS_AHEAD = 2
"""Holidays are copied for the current year and this many after it."""


def country_problem(country: str, subdivision: str | None) -> str | None:
    """Why no holidays are known for a country (ISO 3166-1) and subdivision (ISO 3166-2), None when they are."""
    supported = holidays.list_supported_countries(include_aliases=True)
    if country not in supported:
        return "no public holidays are known for this country; write an ISO code such as ID or DE"
    if subdivision is not None and subdivision not in supported[country]:
        return f"no such subdivision; known for {country}: {', '.join(sorted(supported[country])) or 'none'}"
    return None


def public_holidays(country: str, subdivision: str | None, years: Iterable[int]) -> tuple[date, ...]:
    """The dates in order. The country has to be one without a ``country_problem``."""
    return tuple(sorted(holidays.country_holidays(country, subdiv=subdivision, years=list(years), expand=False)))
