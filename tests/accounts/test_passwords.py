"""Which passwords are refused, and how a list of stolen ones is searched."""

from __future__ import annotations

import hashlib

import pytest
from django.core.checks import run_checks
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.adapters.passwords import is_listed
from accounts.models import User

KNOWN = ["woaini5201314", "qwerasdfzxcv12", "correct horse battery staple"]


def sha1(password):
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture
def stolen(tmp_path, settings):
    """A list as it is handed out: hash, colon, how often it was seen; ended by CR LF."""
    words = [*KNOWN, *(f"word {n}" for n in range(500))]
    file = tmp_path / "stolen.txt"
    file.write_bytes(b"".join(f"{each}:{n}\r\n".encode() for n, each in enumerate(sorted(map(sha1, words)))))
    settings.BREACHED_PASSWORDS = str(file)
    return file


def join(password):
    form = {"name": "n", "email": "new@example.org", "password1": password}
    return Client().post("/accounts/signup/", form)


@pytest.mark.django_db
@pytest.mark.parametrize("password", KNOWN)
def test_a_stolen_password_is_refused_beside_its_field(stolen, password):
    answer = join(password)

    assert answer.context["form"].errors.keys() == {"password1"}
    assert "泄露" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_another_is_not(stolen):
    assert join("a-password-of-nobody-else").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["13800000000", "1990010119900101"])
def test_neither_is_a_number_a_password(password):
    assert join(password).context["form"].errors.keys() == {"password1"}


@given(st.sets(st.text(max_size=8), max_size=40), st.text(max_size=8), st.booleans())
def test_the_search_finds_what_is_there_and_nothing_else(tmp_path_factory, words, other, counted):
    file = tmp_path_factory.mktemp("lists") / "a.txt"
    lines = sorted(sha1(each.encode("utf-8", "replace").decode()) + (":7" * counted) for each in words)
    file.write_text("".join(f"{line}\n" for line in lines))
    clean = {each.encode("utf-8", "replace").decode() for each in words}

    assert all(is_listed(each, file) for each in clean)
    assert is_listed(other.encode("utf-8", "replace").decode(), file) is (other in clean)


@pytest.mark.parametrize(
    ("content", "found"),
    [(None, "E001"), (b"", "E002"), (b"B" * 40 + b"\n" + b"A" * 40, "E002"), (b"password\n", "E002")],
)
def test_a_list_that_would_refuse_nothing_is_no_list(tmp_path, settings, content, found):
    file = tmp_path / "list.txt"
    if content is not None:
        file.write_bytes(content)
    settings.BREACHED_PASSWORDS = str(file)

    assert [each.id for each in run_checks() if each.id.startswith("accounts")] == [f"accounts.{found}"]


def test_a_good_list_is_not_complained_of(stolen):
    assert not [each for each in run_checks() if each.id.startswith("accounts")]
