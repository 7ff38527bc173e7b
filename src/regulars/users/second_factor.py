# SPDX-License-Identifier: Apache-2.0
"""
The second factor of the Control Panel and of user_login: an authenticator app's codes, and ten codes on paper (ADR-0025).

Run inside the account's unit of work. ``at`` is the installation's clock, which telephones know too.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.operations import set_sign_in_rules
from regulars.errors import AccessError, Conflict, PermissionDenied, UserNotFound
from regulars.kit.ids import RANDOM
from regulars.kit.secret import decrypt, encrypt, keyed_digest
from regulars.users.access import may_manage_user, may_see_user, require
from regulars.users.devices import forget_devices, recognise_device
from regulars.users.models import RecoveryCode, SecondFactor, SignInAttempts
from regulars.users.queries import secret_owner
from regulars.users.rules import RECOVERY_CODES, RECOVERY_LENGTH, RECOVERY_LETTERS, is_app_code, needs_second_factor, plain_code
from regulars.users.security_log import note, note_failure
from regulars.users.sessions import end_sessions
from regulars.users.sign_in import USER_FAILURES_MAX, count_attempt, factor_subject
from regulars.users.totp import matching_step, new_secret, provisioning_uri, shown_secret


class WrongCode(AccessError):
    """The code is not one of the user's app or paper, was used before, or is too old."""

    code = "wrong_code"
    status = 401
    keeps_changes = True
    text = "The code is not valid."

    def __init__(self) -> None:
        super().__init__(fields=("code",))


class SecondFactorMissing(AccessError):
    """The password is right, and the user has a second factor: send its code too, as ``second_factor_code``."""

    code = "second_factor_missing"
    status = 401
    keeps_changes = True
    text = "A code of the second factor is needed: second_factor_code."

    def __init__(self) -> None:
        super().__init__(fields=("second_factor_code",))


class SecondFactorExists(Conflict):
    """The user has a second factor already; it must be switched off before another is set up."""

    code = "second_factor_exists"
    text = "There is a second factor already."


class NoSecondFactor(Conflict):
    """The user has no second factor, or has not begun to set one up."""

    code = "no_second_factor"
    text = "There is no second factor."


class SecondFactorRequired(Conflict):
    """The account asks a second factor of this user: it can be replaced, not switched off."""

    code = "second_factor_required"
    text = "The account requires a second factor of you."


@dataclass(frozen=True, slots=True)
class SetUp:
    """What is shown to whoever sets his app up: the secret to type, and what the picture says."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class SecondFactorState:
    """``set_up``: it was begun and not confirmed yet. ``codes_left``: recovery codes not used."""

    since: datetime | None
    set_up: SetUp | None
    codes_left: int
    is_required: bool

    @property
    def is_on(self) -> bool:
        return self.since is not None


def is_required_of(account: AccountConfig, user: UserConfig) -> bool:
    """Whether the account's rule asks a second factor of a user. Reads the snapshot only."""
    return needs_second_factor(account.second_factor_for, role=user.role, is_owner=user.is_owner)


def get_second_factor(*, account: AccountConfig, user: UserConfig) -> SecondFactorState:
    """Return how it stands with a user's own second factor. Queries: 2. Raises: SecretUnreadable."""
    row = SecondFactor.objects.filter(account_id=account.id, user_id=user.id).first()
    left = RecoveryCode.objects.filter(account_id=account.id, user_id=user.id, used_at__isnull=True).count()
    set_up = None if row is None or row.confirmed_at is not None else _set_up(account, user, _secret(account, user, row))
    return SecondFactorState(None if row is None else row.confirmed_at, set_up, left, is_required_of(account, user))


def has_second_factor(*, account: AccountConfig, user: UserConfig) -> bool:
    """Whether a user is asked for a code. Queries: 1."""
    return SecondFactor.objects.filter(account_id=account.id, user_id=user.id, confirmed_at__isnull=False).exists()


def list_with_second_factor(*, account: AccountConfig) -> frozenset[int]:
    """Return the ids of the users who have one. Queries: 1."""
    rows = SecondFactor.objects.filter(account_id=account.id, confirmed_at__isnull=False)
    return frozenset(rows.values_list("user_id", flat=True))


def begin_second_factor(*, account: AccountConfig, user: UserConfig, at: datetime, rng: random.Random = RANDOM) -> SetUp:
    """
    Give a user a new secret for his app; it is not asked for before confirm_second_factor(). Beginning again replaces it.

    Queries: 2. Raises: SecondFactorExists.
    """
    if has_second_factor(account=account, user=user):
        raise SecondFactorExists
    secret = new_secret(rng)
    sealed = encrypt(secret, owner=secret_owner(account.id, user.id, "second factor"))
    SecondFactor.objects.filter(account_id=account.id, user_id=user.id).delete()
    SecondFactor.objects.bulk_create(
        [SecondFactor(account_id=account.id, user_id=user.id, secret_encrypted=sealed, created_at=at)]
    )
    return _set_up(account, user, secret)


def confirm_second_factor(
    *, account: AccountConfig, user: UserConfig, at: datetime, code: str, rng: random.Random = RANDOM
) -> tuple[str, ...]:
    """
    Switch a user's second factor on by a code of the app that he has set up, and return his recovery codes, for once.

    Queries: 4; locks the row of the second factor.
    Raises:  NoSecondFactor, SecondFactorExists, WrongCode.
    """
    row = SecondFactor.objects.select_for_update().filter(account_id=account.id, user_id=user.id).first()
    if row is None:
        raise NoSecondFactor
    if row.confirmed_at is not None:
        raise SecondFactorExists
    step = matching_step(_secret(account, user, row), plain_code(code), at=at)
    if step is None:
        raise WrongCode
    SecondFactor.objects.filter(account_id=account.id, user_id=user.id).update(confirmed_at=at, last_step=step)
    note("second_factor_on", account=account, user=user)
    return _new_codes(account, user, rng)


def replace_recovery_codes(
    *, account: AccountConfig, user: UserConfig, at: datetime, rng: random.Random = RANDOM
) -> tuple[str, ...]:
    """
    Return ten new recovery codes, for once; the old ones work no more. Whoever asks has confirmed his password.

    Queries: 3. Raises: NoSecondFactor.
    """
    if not has_second_factor(account=account, user=user):
        raise NoSecondFactor
    note("recovery_codes_replaced", account=account, user=user)
    return _new_codes(account, user, rng)


def remove_second_factor(*, account: AccountConfig, user: UserConfig, at: datetime) -> None:
    """
    Switch a user's own second factor off. Whoever asks has confirmed his password.

    Queries: 3. Raises: NoSecondFactor, SecondFactorRequired.
    """
    if is_required_of(account, user):
        raise SecondFactorRequired
    _remove(account, user)
    note("second_factor_off", account=account, user=user)


def reset_second_factor(*, account: AccountConfig, by: UserConfig | None, at: datetime, code: str) -> None:
    """
    Take a colleague's second factor away, who has lost telephone and codes, and end his sessions. Administrators and the owner,
    of whom they manage; ``by`` None = the operator, who may do so for the owner too.

    Queries: 4. Raises: UserNotFound, PermissionDenied, NoSecondFactor.
    """
    user = account.users.get(code.lower())
    if user is None or (by is not None and not may_see_user(by, user)):
        raise UserNotFound(fields=("user_name",))
    if by is not None:
        require(by, "unlock_user")
        if by.id == user.id or not may_manage_user(by, user):
            raise PermissionDenied(fields=("user_name",))
    _remove(account, user)
    end_sessions(account=account, user_id=user.id)
    note("second_factor_reset", account=account, user=user, by=by)


def check_second_factor(*, account: AccountConfig, user: UserConfig, at: datetime, code: str, address: str = "") -> str:
    """
    Let a code of the user's app or paper pass, once, and return which it was: ``app`` or ``paper``.

    Counted before it is looked at, and locked as passwords are (ADR-0010). The count stays whatever becomes of the answer where
    this runs outside of a unit of work; inside one, the face lets it commit (WrongCode.keeps_changes).

    Queries: 4 to 6. Raises: WrongCode, RateLimited.
    """
    subject = factor_subject(user.code)
    count_attempt(subject, USER_FAILURES_MAX, at, address)
    row = SecondFactor.objects.filter(account_id=account.id, user_id=user.id, confirmed_at__isnull=False).first()
    if row is None:
        note_failure(account=account, user=user, address=address, how="code")
        raise WrongCode
    plain = plain_code(code)
    if is_app_code(plain):
        passes = _takes_app_code(account, user, row, plain, at)
    else:
        passes = len(plain) == RECOVERY_LENGTH and _takes_recovery_code(account, user, plain, at)
    if not passes:
        note_failure(account=account, user=user, address=address, how="code")
        raise WrongCode
    SignInAttempts.objects.filter(subject=subject).delete()
    return "app" if is_app_code(plain) else "paper"


def wants_code(*, account: AccountConfig, user: UserConfig, at: datetime, cookie: str) -> bool:
    """
    Whether a user whose password was right is asked for a code: he has a second factor, and the browser is not one that
    brings the ``cookie`` of a remembered one.

    Queries: 1, with a cookie of ours 2.
    """
    if not has_second_factor(account=account, user=user):
        return False
    return not recognise_device(account=account, user=user, at=at, cookie=cookie)


def change_sign_in_rules(
    *, account: AccountConfig, by: UserConfig, at: datetime, second_factor_for: str, remembers_devices: bool
) -> None:
    """
    Say who of an account must have a second factor, and whether browsers are remembered; if not, all are forgotten.

    Queries: 1 or 2. Raises: PermissionDenied, InvalidParameter.
    """
    require(by, "edit_account_info")
    set_sign_in_rules(account=account, second_factor_for=second_factor_for, remembers_devices=remembers_devices)
    if not remembers_devices:
        forget_devices(account=account)
    remembers = "remembers browsers" if remembers_devices else "remembers no browsers"
    note("sign_in_rules", account=account, user=by, how=f"second factor for {second_factor_for}, {remembers}")


def check_login_code(*, account: AccountConfig, user: UserConfig, at: datetime, code: str, address: str = "") -> None:
    """
    Ask for the code where a user has a second factor, and for none where he has not (user_login).

    Queries: 1, and those of check_second_factor(). Raises: SecondFactorMissing, WrongCode, RateLimited.
    """
    if not has_second_factor(account=account, user=user):
        return
    if not code:
        raise SecondFactorMissing
    check_second_factor(account=account, user=user, at=at, code=code, address=address)


def _takes_app_code(account: AccountConfig, user: UserConfig, row: SecondFactor, code: str, at: datetime) -> bool:
    """Whether the code is the app's and newer than the last one: of two who send it at once, one passes."""
    step = matching_step(_secret(account, user, row), code, at=at)
    if step is None:
        return False
    fresh = SecondFactor.objects.filter(account_id=account.id, user_id=user.id, last_step__lt=step)
    return bool(fresh.update(last_step=step))


def _takes_recovery_code(account: AccountConfig, user: UserConfig, code: str, at: datetime) -> bool:
    digest = _digest(account, user, code)
    unused = RecoveryCode.objects.filter(account_id=account.id, user_id=user.id, digest=digest, used_at__isnull=True)
    return bool(unused.update(used_at=at))


def _new_codes(account: AccountConfig, user: UserConfig, rng: random.Random) -> tuple[str, ...]:
    RecoveryCode.objects.filter(account_id=account.id, user_id=user.id).delete()
    codes: set[str] = set()
    while len(codes) < RECOVERY_CODES:
        codes.add("".join(rng.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH)))
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account_id=account.id, user_id=user.id, digest=_digest(account, user, code)) for code in sorted(codes)
    )
    half = RECOVERY_LENGTH // 2
    return tuple(f"{code[:half]}-{code[half:]}" for code in sorted(codes))


def _remove(account: AccountConfig, user: UserConfig) -> None:
    if not SecondFactor.objects.filter(account_id=account.id, user_id=user.id).delete()[0]:
        raise NoSecondFactor
    RecoveryCode.objects.filter(account_id=account.id, user_id=user.id).delete()
    forget_devices(account=account, user_id=user.id)


def _digest(account: AccountConfig, user: UserConfig, code: str) -> bytes:
    return keyed_digest(f"{account.id}:{user.id}:{code}".encode(), purpose="recovery code")


def _secret(account: AccountConfig, user: UserConfig, row: SecondFactor) -> bytes:
    return decrypt(bytes(row.secret_encrypted), owner=secret_owner(account.id, user.id, "second factor"))


def _set_up(account: AccountConfig, user: UserConfig, secret: bytes) -> SetUp:
    issuer = account.profile["biz_name"] or account.code
    return SetUp(shown_secret(secret), provisioning_uri(secret, user_code=user.code, issuer=issuer))
