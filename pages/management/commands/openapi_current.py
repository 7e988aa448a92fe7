from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


class Command(BaseCommand):
    help = "Tells whether docs/openapi.yaml is what the code says; --update makes it so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--update", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):  # whatever the reader speaks, the document is one
            schema = SchemaGenerator().get_schema(request=None, public=True)
            validate_schema(schema)
        if GENERATOR_STATS:
            GENERATOR_STATS.emit_summary()
            raise CommandError("The OpenAPI document cannot be made without warnings; they are above.")
        with translation.override("en"):
            made = OpenApiYamlRenderer().render(schema, renderer_context={})
        if options["update"]:
            COMMITTED.write_bytes(made)
        elif not COMMITTED.exists() or COMMITTED.read_bytes() != made:
            raise CommandError("docs/openapi.yaml is not what the code says: ./portal manage openapi_current --update")
