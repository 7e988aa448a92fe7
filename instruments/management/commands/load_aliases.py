from typing import Any

from django.core.management.base import BaseCommand

from instruments.services import load_aliases


class Command(BaseCommand):
    help = "Adds what is missing of the starter list of words that mean the same."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_aliases()} groups of words were added.")
