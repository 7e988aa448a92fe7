from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

ONE_ANSWER_PER_KEY = "idempotency_one_answer_per_key"


class IdempotencyKey(models.Model):
    """The answer that a caller's key got, so that the same request gets it again. Kept 72 hours."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name=ONE_ANSWER_PER_KEY)]

    def __str__(self) -> str:
        return self.key


class Mark(models.Model):
    """A fact about this database itself, for example that it holds the demo city."""

    name = models.SlugField(primary_key=True)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


DEMO = "demo"
