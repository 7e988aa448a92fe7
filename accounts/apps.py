from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added  # noqa: PLC0415 (models are ready only now)

        from accounts.adapters.second_factor import note_new_factor  # noqa: PLC0415

        authenticator_added.connect(note_new_factor)
