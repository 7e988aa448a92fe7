from typing import Any

from django.core.management.base import BaseCommand

from accounts.services import seal_factors_anew
from common.sealed import wrap_anew


class Command(BaseCommand):
    help = (
        "Wraps children's keys and seals second factors by the first of FIELD_KEYS; then older ones can be taken away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{wrap_anew()} keys were wrapped anew, {seal_factors_anew()} second factors sealed.")
