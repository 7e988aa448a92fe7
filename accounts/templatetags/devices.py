"""How pages call the device behind a session."""

from django import template
from django.utils.translation import gettext as _

from accounts.formats import device_of

register = template.Library()


@register.filter
def device(user_agent: str) -> str:
    """“Edge on Windows”, as far as the browser says."""
    browser, system = device_of(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")
