from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services import seal_factors_anew
from common.sealed import wrap_anew
from outreach.services import seal_children_anew


class Command(BaseCommand):
    help = (
        "Wraps children's keys and seals second factors by the first of FIELD_KEYS, and with them what is known of "
        "children by FIELD_CIPHER; then older keys can be taken away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        (wrapped, shut), children, factors = wrap_anew(), seal_children_anew(), seal_factors_anew()
        self.stdout.write(f"{wrapped} keys were wrapped anew, {children} children and {factors} second factors sealed.")
        if shut:
            raise CommandError(f"None of FIELD_KEYS opens the keys of {', '.join(map(str, shut))}: left as they are.")
