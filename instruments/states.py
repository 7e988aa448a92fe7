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


class FacilityDuty(TextChoices):
    ADMIN = "admin", _("lab admin")
    OPERATOR = "operator", _("operator")


class QuestionKind(TextChoices):
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    CHOICE = "choice", _("choice")
    YES_NO = "yes_no", _("yes or no")
