"""Who may do what to people, organisations and tokens."""

from accounts.models import Membership, Organisation, User
from accounts.states import OrganisationKind, Role


def is_officer(user: User) -> bool:
    return user.memberships.confirmed().filter(role=Role.OFFICER).exists()


def may_govern(user: User, organisation: Organisation) -> bool:
    """Admit members, make service accounts: its confirmed admins; a city officer for firms."""
    if user.memberships.confirmed().filter(organisation=organisation, role=Role.ADMIN).exists():
        return True
    return organisation.kind == OrganisationKind.COMPANY and is_officer(user)


def may_confirm_membership(user: User, membership: Membership) -> bool:
    """Never one's own."""
    return membership.person_id != user.pk and may_govern(user, membership.organisation)
