"""Which addresses a webhook may go to. Pure: names are resolved elsewhere, each answer judged here.

Only public addresses, but for networks the operator named. What carries an IPv4 address inside
(mapped, compatible, NAT64, 6to4, Teredo) is judged by it where it is plain to see and refused
where it is not: a translator near us would carry it to the very host we mean to spare.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 500
PORTS = (443, 8443)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_NEVER = tuple(map(ipaddress.ip_network, (
    "64:ff9b:1::/48", "2001::/23", "2002::/16", "fec0::/10", "100::/64", "2001:db8::/32",
    "3fff::/20", "5f00::/16", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "100.64.0.0/10",
    "240.0.0.0/4", "0.0.0.0/8")))
_HOST = re.compile(r"\A(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*\Z")

_NUMBER = re.compile(r"\A(?:[0-9]+|0x[0-9a-f]*)\Z")
"""A last label by which resolvers read the whole as an IPv4 address: 2852039166, 0xa9fea9fe."""


class BadTarget(ValueError):
    """An address a webhook may not go to; the message says why."""


@dataclass(frozen=True)
class Target:
    """Where a webhook goes, taken apart."""

    scheme: str
    host: str
    port: int
    path: str


def public(address: Address) -> bool:
    """Whether anybody on the internet is behind this address, and nobody of ours."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and (address in _NAT64 or address in _COMPATIBLE):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(inner)
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_private
        or address.is_loopback or address.is_link_local or address.is_unspecified
        or any(address in network for network in _NEVER if network.version == address.version))


def named(address: Address, networks: Iterable[Network]) -> bool:
    """Whether the operator named a network that this address lies in."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in networks if network.version == plain.version)


def checked(found: Sequence[str], networks: Iterable[Network], scheme: str) -> list[str]:
    """The addresses a name was resolved to, if every one of them may be called; BadTarget.

    One that may not is enough to refuse all: a name that means us and others means us. Without
    TLS only networks that the operator named are called.
    """
    networks = tuple(networks)
    if not found:
        raise BadTarget("the name has no address")
    for text in found:
        try:
            address = ipaddress.ip_address(text)
        except ValueError as error:
            raise BadTarget("an address that cannot be read") from error
        if named(address, networks):
            continue
        if scheme != "https":
            raise BadTarget("only https may leave our own networks")
        if not public(address):
            raise BadTarget(f"{address} is no public address")
    return list(found)


def target(url: str, networks: Sequence[Network] = ()) -> Target:
    """An address taken apart; raises BadTarget for what no webhook may be.

    `https`, a name or a public address, port 443 or 8443, no user, no fragment. With networks
    of the operator's own also `http` and any port; where that leads is judged at each call.
    """
    if len(url) > LONGEST or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise BadTarget("an address has at most 500 plain characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadTarget("not an address") from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not networks):
        raise BadTarget("https is needed")
    if "@" in parts.netloc or parts.fragment:
        raise BadTarget("no user and no fragment")
    port = port or (443 if parts.scheme == "https" else 80)
    if port not in PORTS and not networks:
        raise BadTarget("port 443 or 8443")
    try:
        checked([host], networks, parts.scheme)
    except BadTarget as error:
        if "cannot be read" not in str(error):
            raise
        if not _HOST.match(host) or _NUMBER.match(host.rpartition(".")[2]):
            raise BadTarget("not a host's name") from error
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def networks_of(text: str) -> tuple[Network, ...]:
    """The networks of a setting, separated by commas; raises ValueError."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


@dataclass(frozen=True)
class Rule:
    """What an installation allows: nothing, hosts of a list, or what its operator approves."""

    off: bool = False
    hosts: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()


def rule_of(text: str, networks: str) -> Rule:
    """The rule that the settings spell; raises ValueError."""
    words = tuple(one.strip().lower() for one in text.split(",") if one.strip())
    return Rule("off" in words, tuple(one for one in words if one not in ("off", "approve")),
                networks_of(networks))


def listed(host: str, hosts: Iterable[str]) -> bool:
    """Whether a list of hosts names this one; `*.suffix` names all below a suffix."""
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in hosts)
