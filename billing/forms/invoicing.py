"""Shape of what is entered about invoices, payments and fapiao; the services judge."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.forms import money_field
from billing.models import FapiaoRequest, Letterhead
from billing.states import OUT, InvoiceState, LineState, PaymentKind, SettlementKind

MONTHS = [3, 6, 12]
BY_HAND = [kind for kind in PaymentKind if kind not in {PaymentKind.PREPAID, PaymentKind.SIMULATOR}]


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **more)


class RunForm(forms.Form):
    month = forms.DateField(
        label=_("Month"), input_formats=["%Y-%m", "%Y-%m-%d"], widget=forms.DateInput({"type": "month"}, "%Y-%m")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"month": timezone.localdate().replace(day=1), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class LinesForm(forms.Form):
    """Which lines of a draft, and what becomes of them."""

    line = forms.TypedMultipleChoiceField(coerce=int, label=_("Lines"))
    state = forms.ChoiceField(choices=LineState.choices)

    def __init__(self, *args: Any, lines: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [(each, each) for each in lines]  # type: ignore[attr-defined]


class PaymentForm(forms.Form):
    amount = money_field(_("Amount (CNY)"))
    paid_on = _day(_("Received on"))
    kind = forms.ChoiceField(
        label=_("How"), choices=[(each.value, each.label) for each in BY_HAND], initial=PaymentKind.TRANSFER.value
    )
    reference = forms.CharField(
        label=_("Text of the transfer"), max_length=120, required=False,
        help_text=_("An invoice's payment reference in it finds the invoice."),
    )  # fmt: skip
    payer_words = forms.CharField(label=_("From whom, as the bank says"), max_length=200, required=False)
    bank_ref = forms.CharField(label=_("Number of the bank's slip"), max_length=80, required=False)
    slip = forms.FileField(label=_("Slip (PDF or picture)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"paid_on": timezone.localdate(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class MatchForm(forms.Form):
    reference = forms.CharField(label=_("Payment reference or number of the invoice"), max_length=60)


class CreditForm(forms.Form):
    """All of an invoice, some of one line, or all of it with another invoice in its place."""

    HOW = [
        ("whole", pgettext_lazy("credit", "all of it: nothing more is owed")),
        ("part", pgettext_lazy("credit", "a part of one line")),
        ("anew", pgettext_lazy("credit", "issue it anew: the same charges, another invoice")),
    ]
    how = forms.ChoiceField(label=_("What is taken back"), choices=HOW, widget=forms.RadioSelect)
    position = forms.TypedChoiceField(label=_("Line"), coerce=int, required=False, empty_value=None)
    amount = money_field(_("Amount (CNY)"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, lines: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].choices = [("", "—"), *lines]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("how") == "part":
            for name in ("position", "amount"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, _("Say which line and how much of it."))
        return given


class VoucherForm(forms.Form):
    voucher = forms.CharField(label=_("Voucher number"), max_length=60)


class FapiaoForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = FapiaoRequest
        fields = ["kind", "is_personal", "title", "uscc", "address", "phone", "bank", "account", "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uscc"].max_length = None  # type: ignore[attr-defined]
        self.fields["uscc"].help_text = _("not for a person")
        for name in ("address", "phone", "bank", "account"):
            self.fields[name].help_text = _("for a special fapiao")

    def _post_clean(self) -> None:
        """The service makes and judges the row."""


class FapiaoNumberForm(forms.Form):
    number = forms.CharField(label=_("Fapiao number"), max_length=40)
    issued_on = _day(_("Issued on"))
    file = forms.FileField(label=_("File (PDF or picture)"), required=False)


class LetterheadForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Letterhead
        fields = ["bank", "account", "address", "phone", "office", "days_to_pay"]


class InvoicesForm(forms.Form):
    """Filters of finance's list of invoices."""

    q = forms.CharField(label=_("Payer, number or reference"), max_length=60, required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("all")), ("overdue", pgettext_lazy("invoice", "overdue")),
                 *[(each.value, each.label) for each in (InvoiceState.DRAFT, *map(InvoiceState, OUT))]],
    )  # fmt: skip
    settlement = forms.ChoiceField(
        label=_("Settlement"), required=False, choices=[("", _("all")), *SettlementKind.choices]
    )
    from_day = _day(_("Issued from"), required=False)
    to_day = _day(_("Issued to (included)"), required=False)

    def narrowed(self, found: Any, *, today: date) -> Any:
        """The invoices that the filters leave."""
        given = self.cleaned_data
        if given["q"]:
            found = found.named(given["q"])
        if given["state"] == "overdue":
            found = found.overdue(today)
        elif given["state"]:
            found = found.filter(state=given["state"])
        if given["settlement"]:
            found = found.filter(settlement=given["settlement"])
        if given["from_day"]:
            found = found.filter(issued_on__gte=given["from_day"])
        if given["to_day"]:
            found = found.filter(issued_on__lte=given["to_day"])
        return found
