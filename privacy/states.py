"""The life of an erasure, and which texts people accept.

asked ──fourteen days, and nothing stands against it──▶ erasing ──▶ done
  └──taken back──▶ withdrawn
"""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class ErasureState(TextChoices):
    ASKED = "asked", pgettext_lazy("erasure", "asked for")
    ERASING = "erasing", pgettext_lazy("erasure", "being done")
    DONE = "done", pgettext_lazy("erasure", "done")
    WITHDRAWN = "withdrawn", pgettext_lazy("erasure", "taken back")


NEXT: dict[str, set[str]] = {
    ErasureState.ASKED: {ErasureState.ERASING, ErasureState.WITHDRAWN},
    ErasureState.ERASING: {ErasureState.DONE},
    ErasureState.DONE: set(),
    ErasureState.WITHDRAWN: set(),
}
# The versions of terms and privacy text, the newest last: templates/privacy/texts/<version>/. A new one is asked for on
# everybody's next page. A version that was published is never edited.
VERSIONS = ["2026-11-25"]
CURRENT = VERSIONS[-1]

STANDS = {ErasureState.ASKED, ErasureState.ERASING}
EXPORT, ERASE = "privacy-export", "privacy-erase"  # kinds of jobs
