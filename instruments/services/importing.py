"""The life of an import: handed in, its columns understood, looked through, applied or discarded.

Looking through and applying are jobs; what they do is in `previewing.py` and `applying.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.spreadsheets import rows_of_table
from common.text import tidy
from instruments.formats import FORMATS, label
from instruments.formats.fields import LONGEST_TEXT
from instruments.models import ColumnMapping, InstrumentImport
from instruments.permissions import may_import
from instruments.states import ImportState, TableFormat
from records.models import Job
from records.rules import kept_for
from records.services import queue_job
from records.states import JobState

LARGEST_TABLE, LONGEST_TABLE = 20 * 1024 * 1024, 50_000
IMPORT_TABLE, IMPORT_PREVIEW, IMPORT_APPLY = "instrument-table", "instrument-preview", "instrument-apply"
KEPT_FOR = kept_for("imports")
NAMED, KNOWN_BY = {"name_zh", "name_en", "uniquip_name", "uniquip_description"}, {"inner_number", "slug"}


@transaction.atomic
def hand_in(organisation: Organisation, *, by: User, file: Any, format: str = TableFormat.JISHI) -> InstrumentImport:  # noqa: A002
    """Take a table of instruments; what is wrong with the file as a whole is said at once.

    Nothing is looked through yet: `look_through` says by which columns. Raises NotAllowed, WrongInput (`file`), and
    Refused while another import of the organisation is being worked on.
    """
    if not may_import(by, organisation):
        raise NotAllowed(_("Only the institution's admins, its lab admins and the city's officers may do this."))
    refuse_large(file)
    refuse_while_busy(organisation)
    data = file.read()
    headers, rows = table_of(data)
    if next(rows, None) is None:
        raise WrongInput("file", "no_rows", _("The table has headers and no rows."))
    job = queue_job(IMPORT_TABLE, owner=by, given={}, file=data)
    made = InstrumentImport(organisation=organisation, by=by, format=format, headers=[each for each in headers if each])
    made.file_name = tidy(file.name or "")[-200:]
    made.mapping = guessed(made)
    made.previewing = job
    made.save()
    return made


def refuse_large(file: Any) -> None:
    """Raise WrongInput for a file that is no table by its size alone, before anything of it is read."""
    if file.size > LARGEST_TABLE:
        raise WrongInput("file", "too_large", _("The file is larger than 20 MB."))


def table_of(data: bytes) -> Any:
    """The headers and rows of a table as an import reads them."""
    return rows_of_table(data, limit=LONGEST_TABLE, longest_cell=LONGEST_TEXT + 1)


def guessed(source: InstrumentImport) -> dict[str, str]:
    """Which field stands under which header: as the organisation said last time, else by the header's own words."""
    known = ColumnMapping.objects.filter(organisation=source.organisation, format=source.format).first()
    remembered = known.mapping if known else {}
    found = {header: remembered[header] for header in source.headers if header in remembered}
    for header, name in FORMATS[source.format].guess(source.headers).items():
        found.setdefault(header, "" if name in found.values() else name)
    return {header: found[header] for header in source.headers}


@transaction.atomic
def look_through(source: InstrumentImport, *, by: User, mapping: Mapping[str, str] | None = None) -> InstrumentImport:
    """Leave it to a worker to say of every row what it would do. `mapping` (header → field, '' for none) wins.

    May be done again, with another mapping, until the import is applied. Raises WrongInput (`mapping`) and Refused.
    """
    source = locked(source)
    refuse_while_busy(source.organisation, but=source)
    if source.state not in {ImportState.QUEUED, ImportState.PREVIEWED} or source.previewing is None:
        raise Refused([Refusal("not_open", _("This import is over."))])
    source.mapping = {**source.mapping, **mapping} if mapping else source.mapping
    _refuse_mapping(source)
    ColumnMapping.objects.update_or_create(
        organisation=source.organisation,
        format=source.format,
        defaults={"mapping": source.mapping, "updated_at": timezone.now()},
    )
    given = {"import": str(source.pk), "table": source.previewing.given.get("table", str(source.previewing.pk))}
    source.previewing = queue_job(IMPORT_PREVIEW, owner=by, given=given)
    source.state, source.counts, source.error = ImportState.QUEUED, {}, ""
    source.save(update_fields=["mapping", "previewing", "state", "counts", "error"])
    return source


def _refuse_mapping(source: InstrumentImport) -> None:
    known = FORMATS[source.format].is_known
    chosen = [name for name in source.mapping.values() if name]
    for header in source.mapping:
        if header not in source.headers:
            unknown = _("The table has no column “%(name)s”.") % {"name": header[:40]}
            raise WrongInput("mapping", "unknown_header", unknown)
    for name in source.mapping.values():
        if name and not known(name):
            raise WrongInput("mapping", "unknown_field", _("There is no field “%(name)s”.") % {"name": str(name)[:40]})
        if name and chosen.count(name) > 1:
            twice = _("Two columns stand for “%(name)s”.") % {"name": label(name)}
            raise WrongInput("mapping", "field_twice", twice)
    if not KNOWN_BY & set(chosen):
        raise WrongInput("mapping", "no_number", _("No column holds the inner number."))
    if not NAMED & set(chosen):
        raise WrongInput("mapping", "no_name", _("No column holds the name."))


@transaction.atomic
def apply_import(source: InstrumentImport, *, by: User) -> InstrumentImport:
    """Leave it to a worker to write what the preview showed. Raises NotAllowed and Refused."""
    source = locked(source)
    if not may_import(by, source.organisation):
        raise NotAllowed(_("Only the institution's admins, its lab admins and the city's officers may do this."))
    refuse_while_busy(source.organisation, but=source)
    if source.state != ImportState.PREVIEWED:
        raise Refused([Refusal("not_previewed", _("Only an import that was looked through can be applied."))])
    source.applying = queue_job(IMPORT_APPLY, owner=by, given={"import": str(source.pk)})
    source.state = ImportState.APPLYING
    source.save(update_fields=["applying", "state"])
    return source


@transaction.atomic
def discard_import(source: InstrumentImport) -> InstrumentImport:
    """Drop an import that was not applied, with its rows. Raises Refused while it is being applied, and after."""
    source = locked(source)
    if source.state in {ImportState.APPLYING, ImportState.APPLIED, ImportState.DISCARDED}:
        raise Refused([Refusal("not_open", _("This import is over."))])
    source.rows.all().delete()
    source.state = ImportState.DISCARDED
    source.save(update_fields=["state"])
    return source


def locked(source: InstrumentImport) -> InstrumentImport:
    """The import as it is now, held until this transaction ends; its organisation's row first, as everywhere."""
    Organisation.objects.select_for_update(no_key=True).get(pk=source.organisation_id)
    related = InstrumentImport.objects.select_related("organisation", "previewing", "applying")
    return related.select_for_update(of=("self",)).get(pk=source.pk)


def refuse_while_busy(organisation: Organisation, *, but: InstrumentImport | None = None) -> None:
    """Raise Refused while another import of the organisation is being worked on; its row is locked until the end."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    others = InstrumentImport.objects.filter(organisation=organisation)
    others = others.exclude(pk=but.pk) if but else others
    waiting = {"state": ImportState.QUEUED, "previewing__kind": IMPORT_PREVIEW}
    if (
        others.filter(state__in=[ImportState.PREVIEWING, ImportState.APPLYING]).exists()
        or others.filter(**waiting).exists()
    ):
        why = _("Another import of this organisation is being worked on. Try again in a moment.")
        raise Refused([Refusal("import_running", why, field="file")])


def give_up_failed() -> int:
    """Say of the imports whose job failed that they failed; returns how many. A worker that was killed cannot."""
    count = 0
    for stage, states in (
        ("previewing", [ImportState.QUEUED, ImportState.PREVIEWING]),
        ("applying", [ImportState.APPLYING]),
    ):
        failed = {f"{stage}__state": JobState.FAILED, "state__in": states}
        for each in InstrumentImport.objects.filter(**failed).select_related(stage):
            error = getattr(each, stage).error
            count += InstrumentImport.objects.filter(pk=each.pk, state__in=states).update(
                state=ImportState.FAILED, error=error
            )
    return count


def forget_old_imports(*, now: datetime) -> int:
    """Delete imports of ninety days ago, with their rows; returns how many."""
    return InstrumentImport.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def job_of(source: InstrumentImport) -> Job | None:
    """The job that an import waits for, or waited for last."""
    return source.applying or source.previewing


def organisations_kept_by(user: User) -> QuerySet[Organisation]:
    """The institutions whose tables somebody hands in: those that they administer, or whose lab admin they are."""
    runs = user.facility_roles.standing(timezone.localdate()).admins().values("facility__organisation")
    mine = Q(pk__in=Organisation.objects.administered_by(user)) | Q(pk__in=runs)
    return Organisation.objects.filter(mine, facilities__isnull=False).distinct().order_by("name_zh", "pk")
