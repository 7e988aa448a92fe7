"""Keeping instruments at hand."""

import pytest

from instruments.models import Favourite
from instruments.services import favour

pytestmark = pytest.mark.django_db


def test_a_heart_keeps_an_instrument_at_hand_and_a_second_press_lets_it_go(browse, researcher, sem):
    browser = browse(researcher)
    browser.post(f"/instruments/{sem.slug}/favourite/", {"keep": "yes"})
    assert sem.name_zh in browser.get("/instruments/?show=favourites").content.decode()

    browser.post(f"/instruments/{sem.slug}/favourite/", {"keep": "no"})
    assert "还没有收藏" in browser.get("/instruments/?show=favourites").content.decode()


def test_the_same_heart_twice_is_one_favourite_and_nobody_elses(browse, researcher, labmate, sem):
    favour(sem, by=researcher)
    favour(sem, by=researcher)
    assert Favourite.objects.count() == 1
    assert "还没有收藏" in browse(labmate).get("/instruments/?show=favourites").content.decode()


def test_in_place_only_the_heart_comes_back(browse, researcher, sem):
    answer = browse(researcher).post(
        f"/instruments/{sem.slug}/favourite/", {"keep": "yes"}, headers={"HX-Request-Type": "partial"}
    )
    assert answer.content.decode().startswith("<form")
    assert 'aria-pressed="true"' in answer.content.decode()


def test_without_javascript_one_comes_back_to_where_one_was(browse, researcher, sem):
    answer = browse(researcher).post(
        f"/instruments/{sem.slug}/favourite/",
        {"keep": "yes"},
        headers={"Referer": "http://testserver/instruments/?q=sem"},
    )
    assert answer["Location"] == "http://testserver/instruments/?q=sem"
