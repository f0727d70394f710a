"""The persons of the story, each with an account of its own, made the way any would be.

First administrators come from the operator's command line; everybody else is created by the
system administrator, chooses a password with an activation code, enrols a second factor, and
is granted a role by one security administrator and another.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from people.rules import card_check
from people.uscc import completed

from .stage import Stage
from .voice import Voice
from .web import Person, Platform

REGION = "330703"


def uscc(prefix: str, number: int) -> str:
    """A valid code of a unit that does not exist."""
    return completed(f"{prefix}{REGION}", f"MAYG{number:04d}")


def identity(number: int) -> str:
    """A valid identity number of nobody: the division 330799 does not exist."""
    first = (
        f"330799{1970 + number % 30}{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 1000:03d}"
    )
    return first + card_check(first)


@dataclass(frozen=True)
class Unit:
    """A unit as accounts are created with it."""

    name: str
    uscc: str
    kind: str

    def as_json(self) -> dict[str, str]:
        """The member `party` of a new account."""
        return {"name": self.name, "uscc": self.uscc, "kind": self.kind, "region": REGION}


TOWN = Unit("孝顺镇人民政府", uscc("11", 1), "buyer")
CENTRE = Unit("区公共资源交易中心", uscc("12", 2), "other")
BUREAU = Unit("区住房和城乡建设局", uscc("11", 3), "supervisor")
NOTARY = Unit("区公证处", uscc("12", 4), "other")
POOL = Unit("市综合评标专家库", uscc("12", 5), "other")
WATER = Unit("区水务集团", uscc("91", 6), "other")
BANK = Unit("婺江银行", uscc("91", 7), "guarantor")

COMPANIES = {
    "A": "甲安路桥工程有限公司",
    "B": "乙通市政建设有限公司",
    "C": "丙和建筑工程有限公司",
    "D": "丁远道路养护有限公司",
    "E": "戊诚市政工程有限公司",
    "F": "己达建设集团有限公司",
    "G": "庚辰路桥有限公司",
    "H": "辛盛建筑有限公司",
    "J": "壬安建设有限公司",
    "K": "癸禾建设工程有限公司",
}
NEWCOMER = "K"
"""Registers when the story has ended: without a key yet, it can bid by one it makes in a browser."""
COMPANY_USCC = {key: uscc("91", 100 + number) for number, key in enumerate(COMPANIES)}

EXPERTS = 11
"""Two of them are employed where they must not judge: by the buyer, and by company A."""

COMMITTEE = 5


@dataclass
class Cast:
    """Everybody, signed up and ready to act."""

    platform: Platform
    voice: Voice
    administrators: dict[str, Person] = field(default_factory=dict)
    clerk: Person | None = None
    chief: Person | None = None
    supervisor: Person | None = None
    inspector: Person | None = None
    """The second person of the supervisor's."""
    officials: list[Person] = field(default_factory=list)
    timekeeper: Person | None = None
    experts: list[Person] = field(default_factory=list)
    committee: list[Person] = field(default_factory=list)
    bank: Person | None = None
    companies: dict[str, Person] = field(default_factory=dict)
    _number: int = 0
    _pending: list[str] = field(default_factory=list)
    _units: dict[str, str] = field(default_factory=dict)

    def assemble(self, stage: Stage) -> None:
        """Create everybody but the companies, in the order in which they are needed."""
        self._administrators(stage)
        self.clerk = self._account("wang", "王工", TOWN, "buyer")
        self.chief = self._account("zhao", "赵镇长", TOWN, "buyer")
        self.supervisor = self._account("sun", "孙科长", BUREAU, "supervisor", region=REGION)
        self.inspector = self._account("inspector", "李科员", BUREAU, "supervisor", region=REGION)
        self.officials = [
            self._account(f"official{number}", name, unit, "opener")
            for number, (name, unit) in enumerate(
                (("李开标", CENTRE), ("周公证", NOTARY), ("吴见证", TOWN)), 1
            )
        ]
        self.timekeeper = self._account("timekeeper", "时钟服务", BUREAU, "opener")
        employers = [TOWN.uscc, COMPANY_USCC["A"]]
        employers += [uscc("12", 200 + number) for number in range(EXPERTS - 2)]
        self.experts = [
            self._account(
                f"expert{number:02d}",
                f"专家{number:02d}",
                POOL,
                "expert",
                specialty="市政",
                employer_uscc=employer,
            )
            for number, employer in enumerate(employers, 1)
        ]
        self.committee = [
            self._account(f"award{number}", f"定标委员{number}", WATER, "awarder")
            for number in range(1, COMMITTEE + 1)
        ]
        self.bank = self._account("bank", "婺江银行接口", BANK, "guarantor")
        self._approve()

    def register(self, key: str) -> Person:
        """A company registers itself, enrols its second factor and is ready to act."""
        self._number += 1
        person = Person(
            self.platform,
            f"company-{key.lower()}",
            secrets.token_urlsafe(12) + "7aA!",
            name=COMPANIES[key],
        )
        person.post(
            "/registrations",
            {
                "name": COMPANIES[key],
                "uscc": COMPANY_USCC[key],
                "login": person.login,
                "password": person.password,
                "person_name": f"{COMPANIES[key][:2]}经办人",
                "id_number": identity(self._number),
            },
        )
        person.sign_in()
        secret = person.post("/factors", {"password": person.password})["secret"]
        person.totp_secret = secret
        person.post("/factors/confirmation", {"totp": person.code()})
        self._introduce(person)
        self.companies[key] = person
        return person

    def _administrators(self, stage: Stage) -> None:
        door = Platform(stage.admin_address)
        for login, name, role in (
            ("system", "钱系统", "sys_admin"),
            ("security1", "冯安全", "sec_admin"),
            ("security2", "陈安全", "sec_admin"),
            ("audit", "褚审计", "audit_admin"),
        ):
            self._number += 1
            code = stage.command(
                "admin",
                "first",
                "--role",
                role,
                "--login",
                login,
                "--name",
                name,
                "--id-number",
                identity(self._number),
                "--unit",
                CENTRE.name,
                "--uscc",
                CENTRE.uscc,
            )
            person = Person(door, login, secrets.token_urlsafe(12) + "7aA!", name=name)
            self._activate(person, code)
            self.administrators[login] = person
            self._units[CENTRE.uscc] = person.ids["party"]

    def _account(self, login: str, name: str, unit: Unit, role: str, **attributes: str) -> Person:
        self._number += 1
        system = self.administrators["system"]
        known = self._units.get(unit.uscc)
        where = {"party_id": known} if known else {"party": unit.as_json()}
        made = system.post(
            "/accounts",
            {"login": login, "person_name": name, "id_number": identity(self._number)} | where,
        )
        self._units[unit.uscc] = made["party_id"]
        code = system.post(f"/accounts/{made['id']}/activation")["activation_code"]
        person = Person(self.platform, login, secrets.token_urlsafe(12) + "7aA!", name=name)
        self._activate(person, code)
        grant = self.administrators["security1"].post(
            "/role-grants", {"account_id": made["id"], "role": role} | attributes
        )
        self._pending.append(grant["id"])
        return person

    def _approve(self) -> None:
        for grant in self._pending:
            self.administrators["security2"].post(f"/role-grants/{grant}/approval")
        self._pending.clear()

    def _activate(self, person: Person, code: str) -> None:
        begun = person.post("/activation", {"code": code})
        person.totp_secret = begun["factor"]["secret"]
        person.post(
            "/activation/completion",
            {"code": code, "password": person.password, "totp": person.code()},
        )
        person.sign_in()
        self._introduce(person)

    def _introduce(self, person: Person) -> None:
        known = person.get("/session")
        person.ids = {
            "account": known["account_id"],
            "party": known["party"]["id"],
            "uscc": known["party"]["uscc"],
            "log_origin": known["log_origin"],
        }
