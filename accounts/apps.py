from django.apps import AppConfig
from django.core.checks import register


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added  # noqa: PLC0415 (models are ready only now)
        from allauth.socialaccount.providers import registry  # noqa: PLC0415

        from accounts.adapters.campus import CampusCAS  # noqa: PLC0415
        from accounts.adapters.passwords import can_be_searched  # noqa: PLC0415
        from accounts.adapters.second_factor import note_new_factor  # noqa: PLC0415

        registry.register(CampusCAS)
        register(can_be_searched)
        authenticator_added.connect(note_new_factor)
