import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/", "/en/", "/instruments/", "/en/instruments/", "/accounts/login/", "/en/accounts/signup/"]
)
def test_a_visitor_sees_the_public_pages(browse, sem, path):
    response = browse().get(path)

    assert response.status_code == 200
    assert ('<html lang="en">' in response.content.decode()) == path.startswith("/en/")
