"""The WSGI entry: `gunicorn wsgi:app`."""

from portal.config import Settings
from portal.factory import create_app

app = create_app(Settings.from_environment())
