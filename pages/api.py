"""REST: `me/`, which pulls from every app."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken
from accounts.states import MembershipState, Role, Scope
from billing.models import Wallet
from instruments.states import FacilityDuty


class MembershipOfMe(serializers.Serializer[object]):
    organisation = serializers.UUIDField(source="organisation_id")
    name_zh = serializers.CharField(source="organisation.name_zh")
    name_en = serializers.CharField(source="organisation.name_en")
    role = serializers.ChoiceField(Role.choices)
    state = serializers.ChoiceField(MembershipState.choices)


class GroupOfMe(serializers.Serializer[object]):
    id = serializers.UUIDField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()


class DutyOfMe(serializers.Serializer[object]):
    facility = serializers.SlugField(source="facility.slug")
    duty = serializers.ChoiceField(FacilityDuty.choices)


class WalletOfMe(serializers.Serializer[object]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    free = serializers.DecimalField(max_digits=14, decimal_places=2, help_text="what can be spent, in CNY")


class MeSerializer(serializers.Serializer[object]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    time_zone = serializers.CharField()
    memberships = MembershipOfMe(many=True)
    research_groups = GroupOfMe(many=True)
    facilities = DutyOfMe(many=True)
    wallets = WalletOfMe(many=True, help_text="those that the caller pays with")
    trainings = serializers.ListField(child=serializers.SlugField(), help_text="slugs of instruments")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))


class Me(APIView):
    """Who the caller is and what they may use."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = request.user
        scopes = request.auth.scopes if isinstance(request.auth, ApiToken) else Scope.values
        body = {
            **{name: getattr(user, name) for name in ("id", "name", "email", "phone", "language", "time_zone")},
            "memberships": user.memberships.standing().select_related("organisation"),
            "research_groups": (user.research_groups.all() | user.led_groups.all()).distinct(),
            "facilities": user.facility_roles.standing(timezone.localdate()).select_related("facility"),
            "wallets": Wallet.objects.payable_by(user).with_owners().order_by("created_at"),
            "trainings": list(user.trainings.order_by("instrument__slug").values_list("instrument__slug", flat=True)),
            "scopes": scopes,
        }
        return Response(MeSerializer(body).data)
