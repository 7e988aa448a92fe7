from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services import person_at, person_by_phone, take_factors_away
from accounts.states import Proof
from common.errors import Refused


class Command(BaseCommand):
    help = "Takes away the second step of somebody who lost it and proved who they are; they are told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="the e-mail or phone that they sign in with")
        parser.add_argument("--proof", choices=Proof.values, required=True, help="how they proved who they are")

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_at(options["address"]) or person_by_phone(options["address"])
        if person is None:
            raise CommandError("Nobody has that address.")
        try:
            take_factors_away(person, by=None, proof=Proof(options["proof"]))
        except Refused as error:
            raise CommandError(str(error.refusals[0].detail)) from error
        self.stdout.write("Taken away; they set up a new one at their next sign-in.")
