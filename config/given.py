"""What the portal is told by its environment; a secret may also lie in a file that a vault keeps (docs/settings.md)."""

from os import environ
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SECRETS = {"SECRET_KEY", "FIELD_KEYS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SMS_URL", "METRICS_TOKEN"}


def said(name: str, otherwise: str = "") -> str:
    """The variable `name`, or for a secret the content of the file that the variable `name`_FILE names.

    Raises ImproperlyConfigured where both are set or the file cannot be read.
    """
    place = environ.get(f"{name}_FILE", "") if name in SECRETS else ""
    if not place:
        return environ.get(name, otherwise)
    if environ.get(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: leave one of them out.")
    try:
        return Path(place).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {place}.") from error


def flag(name: str, *, otherwise: bool = False) -> bool:
    """Whether the environment switches `name` on."""
    word = environ.get(name, "").lower()
    return word in {"1", "true", "yes", "on"} if word else otherwise


def listed(name: str) -> list[str]:
    """The comma-separated words of a variable."""
    return [word.strip() for word in said(name).split(",") if word.strip()]
