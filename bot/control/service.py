"""The units for systemd: engine and watchdog, each closed in, neither restarted for ever [C-505].

Whoever restarts an engine restarts it into reconciling, and opens nothing before that is proven;
three times in ten minutes all the same is a fault for a person.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.control.errors import Exit
from bot.domain.mode import Environment

__all__ = ["Service", "Unit", "units"]

# Ends that another start would only repeat.
_FINAL_EXITS: Final = (Exit.USAGE, Exit.CONFIG, Exit.LEDGER, Exit.UNSAFE_START)

_SANDBOX: Final = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallArchitectures=native",
    "CapabilityBoundingSet=",
    "UMask=0077",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the units are written for. `command` starts `bot`; `keys` holds a file for each role."""

    command: tuple[str, ...]
    home: Path
    environment: Environment
    is_user: bool
    login: str  # who the system's manager runs it as; the home is theirs
    keys: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit file."""

    name: str
    text: str


def units(service: Service) -> tuple[Unit, Unit]:
    """Return the engine's unit and the watchdog's, for systemd 250 or newer."""
    return (
        Unit(name="bot-engine.service", text=_engine(service)),
        Unit(name="bot-watchdog.service", text=_watchdog(service)),
    )


def _engine(service: Service) -> str:
    words = ["run", "--env", service.environment.value.lower(), "--json"]
    if service.environment is Environment.LIVE:
        words.append("--live-i-mean-it")
    exits = " ".join(str(int(code)) for code in _FINAL_EXITS)
    return _unit(
        service,
        role="trade",
        head=(
            "Description=bot: the engine",
            "Wants=network-online.target bot-watchdog.service",
            "After=network-online.target",
            "StartLimitIntervalSec=600",
            "StartLimitBurst=3",
        ),
        body=(
            f"ExecStart={_exec(service, words)}",
            "WatchdogSec=15",  # the watchdog of ours has acted before it: 10 s
            "TimeoutStartSec=120",
            "TimeoutStopSec=60",
            "KillSignal=SIGTERM",
            "KillMode=mixed",
            "Restart=on-failure",
            "RestartSec=20",
            f"RestartPreventExitStatus={exits}",
        ),
    )


def _watchdog(service: Service) -> str:
    # It is not bound to the engine: it must outlive its patient.
    words = ["watchdog", "--env", service.environment.value.lower()]
    return _unit(
        service,
        role="watchdog",
        head=(
            "Description=bot: the watchdog, which cancels for a silent engine",
            "Wants=network-online.target",
            "After=network-online.target",
            "StartLimitIntervalSec=0",
        ),
        body=(
            f"ExecStart={_exec(service, words)}",
            "WatchdogSec=15",
            "TimeoutStartSec=infinity",  # it is ready when the venue knows its key
            "Restart=always",
            "RestartSec=10",  # a key that the venue refuses must not be hammered with
            "OOMScoreAdjust=-500" if not service.is_user else "Nice=0",
        ),
    )


def _unit(service: Service, *, role: str, head: tuple[str, ...], body: tuple[str, ...]) -> str:
    target = "default.target" if service.is_user else "multi-user.target"
    lines = ["[Unit]", *head, "", "[Service]", "Type=notify", "NotifyAccess=main", *body]
    if service.environment is not Environment.DEV:
        lines.append(f"LoadCredential={role}:{_escaped(str(service.keys / role))}.json")
    if not service.is_user:
        lines.append(f"User={service.login}")
    lines += [f"ReadWritePaths={_quoted(str(service.home))}", *_SANDBOX]
    if service.is_user:
        lines.append("PrivateUsers=yes")  # without it a user's own manager may close nothing in
    return "\n".join([*lines, "", "[Install]", f"WantedBy={target}", ""])


def _exec(service: Service, words: list[str]) -> str:
    line = [*service.command, "--home", str(service.home), *words]
    return " ".join(_quoted(word) for word in line)


def _quoted(word: str) -> str:
    """Quote for a unit file: % begins a specifier, $ a variable, a space the next word."""
    plain = _escaped(word).replace("$", "$$")
    return f'"{plain}"' if any(char in plain for char in " ;'\"\\") else plain


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
