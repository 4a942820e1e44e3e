"""Why something is refused, shut or stopped. Made from guard/reasons.toml."""

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["REASONS", "Effect", "Meaning", "Reason"]


class Effect(Enum):
    """What a reason does [C-302, C-306]."""

    REFUSE = "refuse"
    LATCH = "latch"
    REDUCE_ONLY = "reduce_only"
    KILL = "kill"


class Meaning(NamedTuple):
    """A reason's row of the registry.

    Of latch causes: after `deadline_s` it escalates, 0 means never; once over, its proof must be
    good for `holds_s` before it counts.
    """

    effect: Effect
    deadline_s: int
    holds_s: int
    text: str
    next: str


class Reason(Enum):
    """The closed set of reason codes."""

    STARTING = "STARTING"
    RECONNECTING = "RECONNECTING"
    NOT_RECONCILED = "NOT_RECONCILED"
    RECON_FAILED = "RECON_FAILED"
    TRADES_INCOMPLETE = "TRADES_INCOMPLETE"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    CLOCK_OFFSET = "CLOCK_OFFSET"
    CLOCK_UNCOMPARED = "CLOCK_UNCOMPARED"
    CLOCK_UNSYNCED = "CLOCK_UNSYNCED"
    NO_PRICE = "NO_PRICE"
    DATA_STALE = "DATA_STALE"
    INDEX_JUMP = "INDEX_JUMP"
    MARK_STALE = "MARK_STALE"
    BOOK_GAP = "BOOK_GAP"
    HEDGE_MARKET = "HEDGE_MARKET"
    VOL_SHOCK = "VOL_SHOCK"
    VENUE_SILENT = "VENUE_SILENT"
    RATE_LIMITED = "RATE_LIMITED"
    NETWORK_JITTER = "NETWORK_JITTER"
    VENUE_MAINTENANCE = "VENUE_MAINTENANCE"
    VENUE_LOCKED = "VENUE_LOCKED"
    FOREIGN_ORDER = "FOREIGN_ORDER"
    FOREIGN_POSITION = "FOREIGN_POSITION"
    EXPIRY_WINDOW = "EXPIRY_WINDOW"
    UNPROTECTED = "UNPROTECTED"
    WATCHDOG_SILENT = "WATCHDOG_SILENT"
    DISK_LOW = "DISK_LOW"
    QUEUE_PRESSURE = "QUEUE_PRESSURE"
    POLICY_CHANGED = "POLICY_CHANGED"
    MONITOR_FAILED = "MONITOR_FAILED"
    OPERATOR = "OPERATOR"
    OPERATOR_KILL = "OPERATOR_KILL"
    LATCH_OVERDUE = "LATCH_OVERDUE"
    LATCH_FLAPPING = "LATCH_FLAPPING"
    DISK_FULL = "DISK_FULL"
    POSITION_MISMATCH = "POSITION_MISMATCH"
    ORDER_CHANGED = "ORDER_CHANGED"
    LOSS_DAY = "LOSS_DAY"
    DRAWDOWN = "DRAWDOWN"
    MARGIN_USE = "MARGIN_USE"
    MARGIN_CRITICAL = "MARGIN_CRITICAL"
    LATE_FILL = "LATE_FILL"
    FOREIGN_FILL = "FOREIGN_FILL"
    LIQUIDATED = "LIQUIDATED"
    ORDER_DOUBLED = "ORDER_DOUBLED"
    WATCHDOG_CANCELLED = "WATCHDOG_CANCELLED"
    RESERVE_FAILED = "RESERVE_FAILED"
    LEDGER_LOCK_LOST = "LEDGER_LOCK_LOST"
    LEDGER_UNWRITABLE = "LEDGER_UNWRITABLE"
    AUTH_LOST = "AUTH_LOST"
    KILL_CHECK_FAILED = "KILL_CHECK_FAILED"
    INTERNAL = "INTERNAL"
    MODE_UNREADABLE = "MODE_UNREADABLE"
    MODE = "MODE"
    LATCH_SHUT = "LATCH_SHUT"
    STRATEGY_NOT_ALLOWED = "STRATEGY_NOT_ALLOWED"
    INSTRUMENT_NOT_ALLOWED = "INSTRUMENT_NOT_ALLOWED"
    INSTRUMENT_NOT_OPEN = "INSTRUMENT_NOT_OPEN"
    NO_TRADE_WINDOW = "NO_TRADE_WINDOW"
    SIZING_METADATA_STALE = "SIZING_METADATA_STALE"
    CLOCK_UNPROVEN = "CLOCK_UNPROVEN"
    BOOK_STALE = "BOOK_STALE"
    BOOK_ONE_SIDED = "BOOK_ONE_SIDED"
    BOOK_CROSSED = "BOOK_CROSSED"
    SPREAD_WIDE = "SPREAD_WIDE"
    DEPTH_THIN = "DEPTH_THIN"
    FEES_STALE = "FEES_STALE"
    MARK_DISTANCE = "MARK_DISTANCE"
    INDEX_DISAGREES = "INDEX_DISAGREES"
    PREMIUM_SMALL = "PREMIUM_SMALL"
    PRICE_BAND = "PRICE_BAND"
    PRICE_BELOW_TICK = "PRICE_BELOW_TICK"
    SIZE_BELOW_MIN = "SIZE_BELOW_MIN"
    SIZE_OFF_STEP = "SIZE_OFF_STEP"
    DUST = "DUST"
    NOTHING_TO_EXIT = "NOTHING_TO_EXIT"
    SIZE_ORDER = "SIZE_ORDER"
    NOTIONAL_ORDER = "NOTIONAL_ORDER"
    POST_ONLY_WOULD_TAKE = "POST_ONLY_WOULD_TAKE"
    ILLEGAL_ORDER = "ILLEGAL_ORDER"
    SELF_CROSS = "SELF_CROSS"
    DELTA_LIMIT = "DELTA_LIMIT"
    GAMMA_LIMIT = "GAMMA_LIMIT"
    VEGA_LIMIT = "VEGA_LIMIT"
    GREEKS_UNKNOWN = "GREEKS_UNKNOWN"
    GROSS_OPTIONS = "GROSS_OPTIONS"
    SHORT_OPTIONS_EXPIRY = "SHORT_OPTIONS_EXPIRY"
    MARGIN_WHAT_IF = "MARGIN_WHAT_IF"
    ORDER_RATE = "ORDER_RATE"
    CHURN = "CHURN"
    REPEATED_EXECUTION = "REPEATED_EXECUTION"
    ORDER_TO_FILL = "ORDER_TO_FILL"
    OPENS_DAY = "OPENS_DAY"
    FEES_DAY = "FEES_DAY"
    CREDITS = "CREDITS"
    LABEL_TAKEN = "LABEL_TAKEN"
    VENUE_REFUSED_LATELY = "VENUE_REFUSED_LATELY"
    CLOSING = "CLOSING"
    EXIT_FAILED = "EXIT_FAILED"
    GROUP_BROKEN = "GROUP_BROKEN"
    GROUP_HEDGED = "GROUP_HEDGED"
    GROUP_BUSY = "GROUP_BUSY"
    GROUP_SHAPE = "GROUP_SHAPE"
    REARM_EXPIRED = "REARM_EXPIRED"


REASONS: Final[dict[Reason, Meaning]] = {
    Reason.STARTING: Meaning(
        Effect.LATCH,
        120,
        0,
        "positions are not yet proven at the venue",
        "Wait. Over 2 min? bot status",
    ),
    Reason.RECONNECTING: Meaning(
        Effect.LATCH,
        60,
        0,
        "the line to the venue is down",
        "Wait: it reconnects by itself.",
    ),
    Reason.NOT_RECONCILED: Meaning(
        Effect.LATCH,
        120,
        0,
        "orders and positions are being compared with the venue",
        "Wait. Over 2 min? bot status",
    ),
    Reason.RECON_FAILED: Meaning(
        Effect.LATCH,
        120,
        0,
        "the venue did not answer every question of a comparison",
        "Wait: it asks again by itself.",
    ),
    Reason.TRADES_INCOMPLETE: Meaning(
        Effect.LATCH,
        120,
        0,
        "trades reported by the venue do not yet add up",
        "Wait: it asks again by itself.",
    ),
    Reason.UNKNOWN_ORDER: Meaning(
        Effect.LATCH,
        180,
        0,
        "an order was sent and its answer never came",
        "Wait: it is being proven present or absent.",
    ),
    Reason.CLOCK_OFFSET: Meaning(
        Effect.LATCH,
        60,
        60,
        "our clock and the venue's are too far apart, or not yet compared",
        "Check the machine's time service.",
    ),
    Reason.CLOCK_UNCOMPARED: Meaning(
        Effect.LATCH,
        60,
        0,
        "our clock was not compared with the venue's lately",
        "Wait: it is compared each second while there is a line.",
    ),
    Reason.CLOCK_UNSYNCED: Meaning(
        Effect.LATCH,
        60,
        10,
        "the machine's own time service does not say that its clock is right",
        "Check the machine's time service: timedatectl",
    ),
    Reason.NO_PRICE: Meaning(
        Effect.LATCH,
        60,
        0,
        "no price has come yet on this connection",
        "Wait. Over 1 min? check the network.",
    ),
    Reason.DATA_STALE: Meaning(
        Effect.LATCH,
        60,
        10,
        "the venue's prices are too old",
        "Wait. Over 1 min? check the network.",
    ),
    Reason.INDEX_JUMP: Meaning(
        Effect.LATCH,
        60,
        60,
        "the coin's index price has jumped further than markets do",
        "Wait: it must be steady for 1 min.",
    ),
    Reason.MARK_STALE: Meaning(
        Effect.LATCH,
        60,
        10,
        "the venue's fair value stands still while the coin moves",
        "Wait. Over 1 min? look at the venue's status page.",
    ),
    Reason.BOOK_GAP: Meaning(
        Effect.LATCH,
        60,
        0,
        "an order book has a gap that does not close",
        "Wait: it is asked for anew again and again.",
    ),
    Reason.HEDGE_MARKET: Meaning(
        Effect.LATCH,
        600,
        30,
        "the market that hedges would use is halted, thin, wide or astray",
        "Wait: what is held can still be closed.",
    ),
    Reason.VOL_SHOCK: Meaning(
        Effect.LATCH,
        0,
        1800,
        "the coin has moved so far that nothing new is sold for a while",
        "Wait: it must be calm for 30 min.",
    ),
    Reason.VENUE_SILENT: Meaning(
        Effect.LATCH,
        30,
        5,
        "the line to the venue is up, and nothing comes over it",
        "Wait: it is given up and made anew by itself.",
    ),
    Reason.RATE_LIMITED: Meaning(
        Effect.LATCH,
        60,
        60,
        "the venue has refused us for asking too much",
        "Wait: 1 min without. Does another program use this account?",
    ),
    Reason.NETWORK_JITTER: Meaning(
        Effect.LATCH,
        300,
        30,
        "answers of the venue take too long, or too unevenly",
        "Check the network.",
    ),
    Reason.VENUE_MAINTENANCE: Meaning(
        Effect.LATCH,
        0,
        0,
        "the venue is in maintenance",
        "Wait for the venue.",
    ),
    Reason.VENUE_LOCKED: Meaning(
        Effect.LATCH,
        0,
        0,
        "the venue has locked trading",
        "Wait for the venue.",
    ),
    Reason.FOREIGN_ORDER: Meaning(
        Effect.LATCH,
        0,
        0,
        "an order at the venue was not placed by this engine",
        "Decide on it: bot recon foreign list",
    ),
    Reason.FOREIGN_POSITION: Meaning(
        Effect.LATCH,
        0,
        0,
        "a position in the account was not opened by this engine",
        "Decide on it: bot recon foreign list",
    ),
    Reason.EXPIRY_WINDOW: Meaning(
        Effect.LATCH,
        0,
        0,
        "it is just before or after 08:00 UTC, when the venue settles",
        "Wait until 08:05 UTC.",
    ),
    Reason.UNPROTECTED: Meaning(
        Effect.LATCH,
        120,
        0,
        "the venue has not confirmed that it cancels for us if the line breaks",
        "Wait: it is asked again by itself.",
    ),
    Reason.WATCHDOG_SILENT: Meaning(
        Effect.LATCH,
        120,
        0,
        "no watchdog looks after the engine",
        "Start it: bot watchdog",
    ),
    Reason.DISK_LOW: Meaning(
        Effect.LATCH,
        0,
        30,
        "the disk is filling up, or the ledger's reserve is not whole",
        "Make room on the disk of the home.",
    ),
    Reason.QUEUE_PRESSURE: Meaning(
        Effect.LATCH,
        30,
        10,
        "events come faster than they are dealt with",
        "Wait. Again? something else keeps the machine busy.",
    ),
    Reason.POLICY_CHANGED: Meaning(
        Effect.LATCH,
        0,
        0,
        "the policy file is another one than the policy that runs",
        "Restart to take it, or put it back: bot down, bot run",
    ),
    Reason.MONITOR_FAILED: Meaning(
        Effect.LATCH,
        10,
        3,
        "a check that opens need has failed",
        "bot tail shows which. Over 10 s? restart: bot run",
    ),
    Reason.OPERATOR: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "you asked for it",
        "bot mode rearm, when you agree.",
    ),
    Reason.OPERATOR_KILL: Meaning(
        Effect.KILL,
        0,
        0,
        "you stopped it",
        "bot mode rearm, when you agree.",
    ),
    Reason.LATCH_OVERDUE: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "opens stayed shut too long for it to be a hiccup",
        "bot status shows what is missing; then bot mode rearm.",
    ),
    Reason.LATCH_FLAPPING: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "a proof that opens need has come and gone too often",
        "bot status shows which; then bot mode rearm.",
    ),
    Reason.DISK_FULL: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "the disk has next to no room left",
        "Make room on the disk of the home; then bot mode rearm.",
    ),
    Reason.POSITION_MISMATCH: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "our position is not the venue's",
        "bot recon run, then bot mode rearm.",
    ),
    Reason.ORDER_CHANGED: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "the venue holds an order other than the one we sent",
        "bot orders, then bot mode rearm.",
    ),
    Reason.LOSS_DAY: Meaning(
        Effect.KILL,
        0,
        0,
        "the daily loss limit is reached",
        "Look at bot positions; bot mode rearm when you agree.",
    ),
    Reason.DRAWDOWN: Meaning(
        Effect.KILL,
        0,
        0,
        "the loss from the best day is at its limit",
        "Look at bot positions; bot mode rearm when you agree.",
    ),
    Reason.MARGIN_USE: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "too much of the account is tied up as margin",
        "bot positions; bot mode rearm when it is lower.",
    ),
    Reason.MARGIN_CRITICAL: Meaning(
        Effect.KILL,
        0,
        0,
        "the account is close to liquidation by the venue",
        "Reduce positions now: bot positions",
    ),
    Reason.LATE_FILL: Meaning(
        Effect.KILL,
        0,
        0,
        "the venue filled an order that it should have refused",
        "bot tail; tell the venue; then bot mode rearm.",
    ),
    Reason.FOREIGN_FILL: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "a trade in this account came from no order of this engine",
        "bot tail, then bot mode rearm.",
    ),
    Reason.LIQUIDATED: Meaning(
        Effect.KILL,
        0,
        0,
        "the venue liquidated part of the position",
        "bot positions, then decide.",
    ),
    Reason.ORDER_DOUBLED: Meaning(
        Effect.KILL,
        0,
        0,
        "the venue holds two orders for one of ours",
        "The second is being cancelled: bot orders. Then bot mode rearm.",
    ),
    Reason.WATCHDOG_CANCELLED: Meaning(
        Effect.KILL,
        0,
        0,
        "the engine was silent and the watchdog took its orders off",
        "bot tail shows when; then bot mode rearm.",
    ),
    Reason.RESERVE_FAILED: Meaning(
        Effect.KILL,
        0,
        0,
        "neither the ledger nor its reserve can be written",
        "The engine ends. Check the disk, then: bot run",
    ),
    Reason.LEDGER_LOCK_LOST: Meaning(
        Effect.KILL,
        0,
        0,
        "another engine may be writing this ledger: its lock is not ours any more",
        "The engine ends. Look whether another runs: bot status. Then: bot run",
    ),
    Reason.LEDGER_UNWRITABLE: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "the ledger cannot be written; exits go through the reserve file",
        "Check the disk, then restart: bot down, bot run",
    ),
    Reason.AUTH_LOST: Meaning(
        Effect.KILL,
        0,
        0,
        "the venue refuses the key",
        "Check the key at the venue; restart: bot run; then bot mode rearm.",
    ),
    Reason.KILL_CHECK_FAILED: Meaning(
        Effect.KILL,
        0,
        0,
        "a check that guards against ruin has failed",
        "bot tail shows which; restart: bot run; then bot mode rearm.",
    ),
    Reason.INTERNAL: Meaning(
        Effect.KILL,
        0,
        0,
        "a part of the engine failed",
        "bot tail shows what; restart: bot run",
    ),
    Reason.MODE_UNREADABLE: Meaning(
        Effect.KILL,
        0,
        0,
        "the recorded mode cannot be read",
        "bot mode rearm, when you know why.",
    ),
    Reason.MODE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the mode does not allow new risk",
        "bot status",
    ),
    Reason.LATCH_SHUT: Meaning(
        Effect.REFUSE,
        0,
        0,
        "opens are shut until everything is proven",
        "bot status",
    ),
    Reason.STRATEGY_NOT_ALLOWED: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the policy does not allow this strategy",
        "bot status",
    ),
    Reason.INSTRUMENT_NOT_ALLOWED: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the policy does not allow this instrument",
        "Nothing.",
    ),
    Reason.INSTRUMENT_NOT_OPEN: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the instrument is not open for trading",
        "Nothing.",
    ),
    Reason.NO_TRADE_WINDOW: Meaning(
        Effect.REFUSE,
        0,
        0,
        "it is too close to expiry or settlement",
        "Nothing.",
    ),
    Reason.SIZING_METADATA_STALE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "what is needed to size an order is missing or too old",
        "Wait. Over 2 min? bot status",
    ),
    Reason.CLOCK_UNPROVEN: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the clock is not proven good",
        "Check the machine's time service.",
    ),
    Reason.BOOK_STALE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the book is missing, broken or too old",
        "Nothing.",
    ),
    Reason.BOOK_ONE_SIDED: Meaning(
        Effect.REFUSE,
        0,
        0,
        "one side of the book is empty",
        "Nothing.",
    ),
    Reason.BOOK_CROSSED: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the book is crossed",
        "Nothing.",
    ),
    Reason.SPREAD_WIDE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the gap between buyers and sellers is wider than your policy accepts",
        "Nothing.",
    ),
    Reason.DEPTH_THIN: Meaning(
        Effect.REFUSE,
        0,
        0,
        "too little stands in the book for this size",
        "Nothing.",
    ),
    Reason.FEES_STALE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the fee schedule is too old",
        "Nothing: it is read again by itself.",
    ),
    Reason.MARK_DISTANCE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the price is too far from the venue's fair value",
        "Nothing.",
    ),
    Reason.INDEX_DISAGREES: Meaning(
        Effect.REFUSE,
        0,
        0,
        "forward and index disagree",
        "Nothing.",
    ),
    Reason.PREMIUM_SMALL: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the option is too cheap to sell",
        "Nothing.",
    ),
    Reason.PRICE_BAND: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the price is outside what the venue accepts",
        "Nothing.",
    ),
    Reason.PRICE_BELOW_TICK: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the price is below the smallest legal one",
        "Nothing.",
    ),
    Reason.SIZE_BELOW_MIN: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the size is below the smallest legal one",
        "Nothing.",
    ),
    Reason.SIZE_OFF_STEP: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the size is not a multiple of the contract",
        "Nothing.",
    ),
    Reason.DUST: Meaning(
        Effect.REFUSE,
        0,
        0,
        "what is left is too small to trade",
        "Nothing.",
    ),
    Reason.NOTHING_TO_EXIT: Meaning(
        Effect.REFUSE,
        0,
        0,
        "every exit that is safe is already on its way",
        "Nothing.",
    ),
    Reason.SIZE_ORDER: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the order is larger than the policy allows",
        "Nothing.",
    ),
    Reason.NOTIONAL_ORDER: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the order is worth more than the policy allows",
        "Nothing.",
    ),
    Reason.POST_ONLY_WOULD_TAKE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "a post-only order would trade at once",
        "Nothing.",
    ),
    Reason.ILLEGAL_ORDER: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the order has a form that is never sent",
        "bot tail shows which.",
    ),
    Reason.SELF_CROSS: Meaning(
        Effect.REFUSE,
        0,
        0,
        "it would trade with our own resting order",
        "Nothing.",
    ),
    Reason.DELTA_LIMIT: Meaning(
        Effect.REFUSE,
        0,
        0,
        "delta at worst case would pass its limit",
        "Nothing.",
    ),
    Reason.GAMMA_LIMIT: Meaning(
        Effect.REFUSE,
        0,
        0,
        "gamma at worst case would pass its limit",
        "Nothing.",
    ),
    Reason.VEGA_LIMIT: Meaning(
        Effect.REFUSE,
        0,
        0,
        "vega at worst case would pass its limit",
        "Nothing.",
    ),
    Reason.GREEKS_UNKNOWN: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the risk of a position cannot be computed now",
        "Nothing.",
    ),
    Reason.GROSS_OPTIONS: Meaning(
        Effect.REFUSE,
        0,
        0,
        "too many options would be held",
        "Nothing.",
    ),
    Reason.SHORT_OPTIONS_EXPIRY: Meaning(
        Effect.REFUSE,
        0,
        0,
        "too many options of one expiry would be short",
        "Nothing.",
    ),
    Reason.MARGIN_WHAT_IF: Meaning(
        Effect.REFUSE,
        0,
        0,
        "margin after the order would pass its limit, or cannot be known",
        "Nothing.",
    ),
    Reason.ORDER_RATE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "too many orders in a short time",
        "Nothing.",
    ),
    Reason.CHURN: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the same order is placed and replaced too often",
        "Nothing. Often? the strategy is not at rest: bot tail",
    ),
    Reason.REPEATED_EXECUTION: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the same trade has happened too often in a minute",
        "bot fills shows them; is the strategy right?",
    ),
    Reason.ORDER_TO_FILL: Meaning(
        Effect.REFUSE,
        0,
        0,
        "too many orders and cancels for too few trades today",
        "Nothing until 08:00 UTC.",
    ),
    Reason.OPENS_DAY: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the day's number of opens is used up",
        "Nothing until 08:00 UTC.",
    ),
    Reason.FEES_DAY: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the day's fees are used up",
        "Nothing until 08:00 UTC.",
    ),
    Reason.CREDITS: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the venue's rate limit leaves room for exits only",
        "Nothing.",
    ),
    Reason.LABEL_TAKEN: Meaning(
        Effect.REFUSE,
        0,
        0,
        "an order with this identity exists already",
        "bot tail",
    ),
    Reason.VENUE_REFUSED_LATELY: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the venue has just refused the same order",
        "Nothing: it is tried again a little later.",
    ),
    Reason.CLOSING: Meaning(
        Effect.LATCH,
        300,
        0,
        "the guard is closing a position",
        "Wait: bot positions shows what is left.",
    ),
    Reason.EXIT_FAILED: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "a position could not be closed within bounds; its delta is hedged",
        "bot flatten --plan when the book is back; then bot mode rearm.",
    ),
    Reason.GROUP_BROKEN: Meaning(
        Effect.LATCH,
        300,
        0,
        "the legs of a group do not match; the excess is being closed",
        "Wait: bot group list shows it.",
    ),
    Reason.GROUP_HEDGED: Meaning(
        Effect.REDUCE_ONLY,
        0,
        0,
        "a group ended with legs that could not be closed; their delta is hedged",
        "bot positions; bot flatten --plan when the book is back; then bot mode rearm.",
    ),
    Reason.GROUP_BUSY: Meaning(
        Effect.REFUSE,
        0,
        0,
        "a group is under way, and a second one is never begun beside it",
        "Nothing.",
    ),
    Reason.GROUP_SHAPE: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the legs of the group do not fit together",
        "bot tail shows which.",
    ),
    Reason.REARM_EXPIRED: Meaning(
        Effect.REFUSE,
        0,
        0,
        "the status that this rearm was decided on is too old",
        "Look again, then decide: bot status",
    ),
}
