from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    """The three trusted extensions: the owner of a database may create them without being a superuser."""

    initial = True
    dependencies = []
    operations = [BtreeGistExtension(), TrigramExtension(), UnaccentExtension()]
