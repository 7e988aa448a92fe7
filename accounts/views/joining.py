"""Joining with nothing but a phone: allauth's own stages send the code and take it back."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.core.exceptions import RateLimited
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation

from accounts import services
from accounts.adapters.by_code import count_code_for
from accounts.adapters.signing_in import too_often
from accounts.forms import JoinForm
from common.web import READ_OR_SEND


@READ_OR_SEND
def join_by_phone(request: HttpRequest) -> HttpResponse:
    """The same answer whether or not the number is known; its owner is told that there is an account."""
    if request.user.is_authenticated:
        return redirect("landing")
    form = JoinForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/join_by_phone.html", {"form": form}, status=400 if form.is_bound else 200)
    phone = form.cleaned_data["phone"]
    count_code_for(request, phone)
    user = services.join_by_phone(**form.cleaned_data, language=translation.get_language())
    try:
        return perform_login(request, Login(user=user, phone=phone, signup=True))
    except RateLimited as error:
        raise too_often(request) from error
