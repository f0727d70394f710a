"""What may not start does not start, and says what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from kernel.db import configure_sqlite, db
from portal import cli
from portal.config import BadSetting, Settings
from portal.factory import NotReady, check_routes, create_app
from portal.migrate import make_folder, migrate


@pytest.fixture
def settings(tmp_path):
    return Settings(data=str(tmp_path / "data"))


@pytest.fixture
def production(settings):
    migrate(settings, "production")
    return settings


def test_a_production_database_refuses_the_accelerator(production):
    assert create_app(production)
    with pytest.raises(NotReady, match="its time is nobody's to move"):
        create_app(replace(production, accelerator="1"))


def test_a_failed_statement_does_not_say_its_values(production):
    with create_app(production).app_context(), pytest.raises(DBAPIError) as failed:
        db.session.execute(text("SELECT :address FROM nowhere"), {"address": "a@example.cn"})
    assert "a@example.cn" not in str(failed.value)


def test_a_demonstration_takes_it(settings):
    migrate(settings, "demo")
    assert create_app(replace(settings, accelerator="1"))


def test_nothing_starts_without_tables_or_installation(settings):
    make_folder(settings)
    with pytest.raises(NotReady, match="yangguang migrate"):
        create_app(settings)
    with pytest.raises(SystemExit, match="--create"):
        migrate(settings)


def test_an_older_schema_is_named(production):
    engine = create_engine(production.url)
    configure_sqlite(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()
    with pytest.raises(NotReady, match="The schema is 0000"):
        create_app(production)


def test_another_origin_is_refused(production):
    with pytest.raises(NotReady, match="YANGGUANG_LOG_ORIGIN"):
        create_app(replace(production, log_origin="another.example/log"))


def test_who_asks_without_an_installation_is_told_in_a_sentence(settings, monkeypatch, capsys):
    make_folder(settings)
    monkeypatch.setenv("YANGGUANG_DATA", str(settings.folder))
    for command in (["serve"], ["tick"], ["admin", "gc"]):
        assert cli.main(command) == 1
        said = capsys.readouterr().err
        assert said.startswith("yangguang: ") and "yangguang migrate" in said
        assert said.count("\n") == 1, command


def test_a_route_without_an_audience_is_refused(production):
    app = create_app(production)
    app.add_url_rule("/api/v1/quiet", "quiet", lambda: "", methods=["POST"])
    with pytest.raises(NotReady, match="POST /api/v1/quiet declares no audience"):
        check_routes(app)


@pytest.mark.parametrize("variable,value", [("YANGGUANG_PORT", "http"), ("YANGGUANG_WORKERS", "-1"),
                                            ("YANGGUANG_ARGON2", "1,2")])
def test_a_setting_that_cannot_be_used_is_named(variable, value):
    with pytest.raises(BadSetting, match=variable):
        Settings.from_environment({variable: value})


def test_mail_needs_the_address_its_letters_lead_to():
    mail = {"YANGGUANG_SMTP": "smtp://127.0.0.1", "YANGGUANG_MAIL_FROM": "yg@example.cn"}
    with pytest.raises(BadSetting, match="YANGGUANG_PUBLIC_URL"):
        Settings.from_environment(mail)
    assert Settings.from_environment(mail | {"YANGGUANG_PUBLIC_URL": "https://yg.example.cn"})


def test_tls_is_kept_where_it_came_from_us(production):
    plain = create_app(production).test_client()
    told = {"X-Forwarded-Proto": "https"}
    assert "Strict-Transport-Security" not in plain.get("/", headers=told).headers
    behind = create_app(replace(production, trusted_proxies="1")).test_client()
    assert "max-age" in behind.get("/", headers=told).headers["Strict-Transport-Security"]


@pytest.mark.parametrize("more, good, bad", [
    ({}, "127.0.0.1:8080 localhost", "evil.example 127.0.0.1.evil.example 10.0.0.1"),
    ({"public_url": "https://bids.example.cn:8443", "host": "10.1.2.3"},
     "bids.example.cn:8443 10.1.2.3 127.0.0.1:8080", "evil.example example.cn x.bids.example.cn"),
    ({"host": "0.0.0.0"}, "evil.example", ""),
])
def test_only_its_own_names_are_answered(production, more, good, bad):
    """A page of another name must not be able to speak to a site on this machine (rebinding)."""
    client = create_app(replace(production, **more)).test_client()
    for name in good.split():
        assert client.get("/api/v1/tenders", headers={"Host": name}).status_code == 200, name
    for name in bad.split():
        answer = client.get("/api/v1/tenders", headers={"Host": name})
        assert answer.status_code == 400, name
        assert answer.mimetype == "application/problem+json"


def test_the_web_process_needs_no_private_key_of_the_record(production):
    """The sequencer's process alone reads it; so the web's user need not be able to."""
    (production.keys / "log.skey").unlink()
    client = create_app(production).test_client()
    for path in ("/api/v1/tenders", "/api/v1/record/checkpoint", "/"):
        assert client.get(path).status_code in (200, 503), path
