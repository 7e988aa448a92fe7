from django.apps import AppConfig
from django.core.checks import register


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added  # noqa: PLC0415 (models are ready only now)
        from allauth.socialaccount.providers import registry  # noqa: PLC0415
        from django.contrib.auth.signals import user_logged_in, user_logged_out  # noqa: PLC0415

        from accounts.adapters.campus import CampusCAS  # noqa: PLC0415
        from accounts.adapters.passwords import can_be_searched  # noqa: PLC0415
        from accounts.adapters.second_factor import note_new_factor  # noqa: PLC0415
        from accounts.adapters.sign_in_log import listen  # noqa: PLC0415
        from accounts.adapters.staying import begin, note_sign_out  # noqa: PLC0415

        registry.register(CampusCAS)
        register(can_be_searched)
        authenticator_added.connect(note_new_factor)
        user_logged_in.connect(begin)
        user_logged_out.connect(note_sign_out)
        listen()
