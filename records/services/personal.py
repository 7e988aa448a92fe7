"""What this room keeps of a person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.personal import GONE, Kept
from records.models import Access, IdempotencyKey, Job, StoredFile

PERSONAL = [
    Kept(
        IdempotencyKey, ("user",), _("keys of requests"), given=False, at_erasure=GONE,
        because=_("Copies of answers, gone by themselves after three days."),
    ),
    Kept(
        Job, ("owner",), _("long work"), leave_out=("given", "outcome", "file", "lease_until"),
        because=_("Gone by itself thirty days after it ended."),
    ),
    Kept(Access, ("by",), _("what you looked at that is sealed"), because=_("Records of handling: three years.")),
    Kept(
        StoredFile, ("by",), _("files that you handed in"),
        because=_("A file belongs to the order, the firm or the instrument that it was handed in for."),
    ),
]  # fmt: skip
