"""The open data routes. They show what everybody may know, whoever asks: portal.public asks the
table about `anonymous`, and of a draft there is its advance notice."""

from __future__ import annotations

from flask import Response, request

from audit.act import wiring
from people.edge import Book
from people.exchange import moment, reading

from ..site import site_address
from . import direct, exact, frameworks, services
from .releases import record_package, release_package

api = Book("ocds")


def _sent(package: dict[str, object]) -> Response:
    answer = Response(exact.dumps(package), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


def _from_here() -> dict[str, str]:
    """This installation's address and the name it publishes under."""
    return {"base": site_address(),
            "publisher": str(wiring().settings.get("log_origin", "Yangguang"))}


@api.get("/tenders/<tender_id>/ocds", audience="open")
def release_package_of(actor, tender_id):
    """The tender's OCDS 1.1.5 release package, as far as it is public."""
    return _sent(release_package(reading(), tender_id, moment(), **_from_here()))


@api.get("/tenders/<tender_id>/ocds/record", audience="open")
def record_package_of(actor, tender_id):
    """The tender's OCDS 1.1.5 record package: all releases, and the compiled one."""
    return _sent(record_package(reading(), tender_id, moment(), **_from_here()))


@api.get("/direct-awards/<award_id>/ocds", audience="open")
def direct_package_of(actor, award_id):
    """The OCDS 1.1.5 release package of a direct award that is published."""
    return _sent(direct.package(reading(), award_id, **_from_here()))


@api.get("/services/<service_id>/ocds", audience="open")
def service_package_of(actor, service_id):
    """The OCDS 1.1.5 release package of an intermediary service, as far as it is public."""
    return _sent(services.release_package(reading(), service_id, **_from_here()))


@api.get("/services/<service_id>/ocds/record", audience="open")
def service_record_of(actor, service_id):
    """The OCDS 1.1.5 record package of an intermediary service: releases, and the compiled one."""
    return _sent(services.record_package(reading(), service_id, **_from_here()))


@api.get("/frameworks/<framework_id>/ocds", audience="open")
def framework_package_of(actor, framework_id):
    """The OCDS 1.1.5 release package of a framework agreement that is published."""
    return _sent(frameworks.package(reading(), framework_id, **_from_here()))


@api.get("/frameworks/<framework_id>/ocds/record", audience="open")
def framework_record_of(actor, framework_id):
    """The OCDS 1.1.5 record package of a framework agreement: releases, and the compiled one."""
    return _sent(frameworks.package(reading(), framework_id, record=True, **_from_here()))


@api.get("/calloffs/<calloff_id>/ocds", audience="open")
def calloff_package_of(actor, calloff_id):
    """The OCDS 1.1.5 release package of a purchase under a framework agreement."""
    return _sent(frameworks.package(reading(), calloff_id, calloff=True, **_from_here()))


@api.get("/calloffs/<calloff_id>/ocds/record", audience="open")
def calloff_record_of(actor, calloff_id):
    """The OCDS 1.1.5 record package of a purchase: releases, and the compiled one."""
    return _sent(frameworks.package(reading(), calloff_id, calloff=True, record=True,
                                    **_from_here()))
