"""What an instrument is, how it stands, and where its time is booked."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    INSTRUMENT = "instrument", _("instrument")
    ROOM = "room", _("room")
    END_STATION = "end_station", _("end station")


class Status(TextChoices):
    OPEN = "open", _("open")
    LIMITED = "limited", _("limited")
    MAINTENANCE = "maintenance", _("under maintenance")
    RETIRED = "retired", _("retired")


TAKES_BOOKINGS = {Status.OPEN, Status.LIMITED}


class BookedWhere(TextChoices):
    HERE = "here", _("booked here")
    OWNER = "owner", _("booked at the owner's site")
    ENQUIRY = "enquiry", _("by enquiry")


class Door(TextChoices):
    """The two equal doors of an instrument: its time is booked, or samples are sent in."""

    BOOK = "book", _("book time")
    SAMPLES = "samples", _("send samples")


class FacilityDuty(TextChoices):
    ADMIN = "admin", _("lab admin")
    OPERATOR = "operator", _("operator")


class QuestionKind(TextChoices):
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    CHOICE = "choice", _("choice")
    YES_NO = "yes_no", _("yes or no")
    DECLARATION = "declaration", _("declaration to agree to")


class AcquiredBy(TextChoices):
    PURCHASE = "purchase", _("purchase")
    BUILT = "built", _("built in house")
    DONATION = "donation", _("donation")
    TRANSFER = "transfer", _("transfer")
    LEASE = "lease", _("lease")


class YouthUse(TextChoices):
    """What young people may do at an instrument that is fit for them."""

    SHOW = "show", _("look on")
    OPERATE = "operate", _("operate it with a mentor")


class PriceBasis(TextChoices):
    SAMPLE = "sample", _("sample")
    ITEM = "item", _("item or element")
    POINT = "point", _("point or spectrum")
    HOUR = "hour", _("hour")
    BATCH = "batch", _("batch")


class AccreditationScheme(TextChoices):
    CMA = "CMA", _("CMA")
    CNAS = "CNAS", _("CNAS")


class DocumentFor(TextChoices):
    """Who reads a document, of those who see its record."""

    LAB = "lab", _("the laboratory only")
    SIGNED_IN = "signed_in", _("everybody who is signed in")
    EVERYONE = "everyone", _("everybody")


class TableFormat(TextChoices):
    JISHI = "jishi", _("the portal's own")
    UNIQUIP = "uniquip", _("UNIQUIP")


class ImportState(TextChoices):
    """queued → previewing → previewed → applying → applied; previewed → discarded; any → failed."""

    QUEUED = "queued", _("queued")
    PREVIEWING = "previewing", _("being looked through")
    PREVIEWED = "previewed", _("looked through")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
    DISCARDED = "discarded", _("discarded")
    FAILED = "failed", _("failed")


class Verdict(TextChoices):
    """What a line of a table would do to the catalogue."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    WRONG = "wrong", _("wrong")
