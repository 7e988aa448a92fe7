"""Joining and asking for a new password, no oftener without Redis: then PostgreSQL counts, as it does for sign-in."""

from __future__ import annotations

from typing import Any

from allauth.core import context

from accounts import forms
from accounts.adapters.signing_in import cache_answers, expect_failure_from


class _Counted:
    """While the cache is away: 429 after ten in a minute, from one place and for one address."""

    cleaned_data: dict[str, Any]

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()  # type: ignore[misc]
        if not cache_answers():
            address = self.cleaned_data.get("email")
            # An address that is none is nobody's: it counts for the place alone.
            expect_failure_from(context.request, *([f"{type(self).__name__} {address}"] if address else []))
        return cleaned


class SignupForm(_Counted, forms.SignupForm):
    pass


class ResetPasswordForm(_Counted, forms.ResetPasswordForm):
    pass
