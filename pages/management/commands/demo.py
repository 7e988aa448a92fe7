from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from common.errors import NotAllowed
from pages.demo import ACCOUNTS, PASSWORD, demo_tokens, load_demo, reset_demo
from records.models import DEMO, Mark


class Command(BaseCommand):
    help = "Loads the demo city, loads it anew, or tells its accounts and tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--if-empty", action="store_true", help="only into a database in which nobody lives")
        one.add_argument("--reset", action="store_true", help="load the demo anew; refuses any other database")
        one.add_argument("--tokens", action="store_true", help="a fresh API token for each account")
        one.add_argument("--accounts", action="store_true", help="who can sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._do(options)
        except NotAllowed as error:
            raise CommandError(str(error.detail)) from error

    def _do(self, options: dict[str, Any]) -> None:
        marked = Mark.objects.filter(name=DEMO).exists()
        if options["tokens"] or options["accounts"]:
            if not marked:
                raise NotAllowed("There is no demo city in this database; ./portal demo loads it into an empty one.")
            self._tell(tokens=options["tokens"])
        elif options["reset"]:
            reset_demo()
            self.stdout.write("The demo city is loaded anew.")
        elif options["if_empty"] and User.objects.exists():
            return
        elif marked:
            self.stdout.write("The demo city is here already; --reset loads it anew.")
        else:
            load_demo()
            self.stdout.write("The demo city is loaded.")

    def _tell(self, *, tokens: bool) -> None:
        if tokens:
            for email, token in demo_tokens():
                self.stdout.write(f"{email} {token}")
            return
        self.stdout.write(f"密码 / password: {PASSWORD}")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email:<27} {account.role_zh} / {account.role_en}")
