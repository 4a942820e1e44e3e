"""What the venue says of the account's money, the newest of each currency."""

from collections.abc import Mapping

import msgspec

from bot.core.state import State
from bot.domain.ids import Currency
from bot.domain.report import Account

__all__ = ["accounts_with"]


def accounts_with(state: State, account: Account) -> Mapping[Currency, tuple[Account, int]]:
    """Return the accounts with this report in, each with the time at which it was heard.

    How the account is margined is kept where a report does not say it: it is a setting.
    """
    before = state.accounts.get(account.currency)
    if account.is_portfolio_margined is None and before is not None:
        known = before[0].is_portfolio_margined
        account = msgspec.structs.replace(account, is_portfolio_margined=known)
    return {**state.accounts, account.currency: (account, state.now_ms)}
