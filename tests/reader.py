"""A browser that runs no script: it follows links, fills in forms and keeps its cookies."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from people.authentication import COOKIE


@dataclass
class Sheet:
    """One form of a page as a browser reads it."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    """Collects forms with the values that stand in their fields."""

    def __init__(self):
        super().__init__()
        self.forms: list[Sheet] = []
        self._form = self._area = self._select = self._picked = None
        self._text = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._form = Sheet(given.get("action", ""), given.get("method", "get").upper())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and given.get("name"):
            box = given.get("type") in ("checkbox", "radio")
            if not box or "checked" in given:
                self._form.fields.append((given["name"], given.get("value", "on" if box else "")))
        elif tag == "textarea":
            self._area, self._text = given.get("name"), ""
        elif tag == "select":
            self._select, self._picked = given.get("name"), None
        elif tag == "option" and self._select and ("selected" in given or self._picked is None):
            self._picked = given.get("value", "")

    def handle_data(self, data):
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._form is not None and self._area is not None:
            self._form.fields.append((self._area, self._text))
            self._area = None
        elif tag == "select" and self._form is not None and self._select is not None:
            self._form.fields.append((self._select, self._picked or ""))
            self._select = None


class Reader:
    """One person's browser. `token`: a session begun elsewhere; None: nobody signed in."""

    def __init__(self, app, token: str | None = None, english: bool = False):
        self._client = app.test_client(use_cookies=False)
        self.cookies = {COOKIE: token} if token else {}
        self.root = "/en" if english else ""
        self.status, self.text, self.address = 0, "", ""

    def _done(self, answer) -> Reader:
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status_code in (302, 303):
            return self.get(answer.headers["Location"], root="")
        self.status, self.text = answer.status_code, answer.get_data(as_text=True)
        self.headers = answer.headers
        return self

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)
        return {"Accept": "text/html", **({"Cookie": cookies} if cookies else {})}

    def get(self, path: str, root: str | None = None) -> Reader:
        """Open a page; redirects are followed."""
        self.address = (self.root if root is None else root) + path
        return self._done(self._client.get(self.address, headers=self._headers()))

    def forms(self) -> list[Sheet]:
        """The forms of the page."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.forms

    def form(self, part: str) -> Sheet:
        """The one form whose action holds `part`."""
        found = [one for one in self.forms() if part in one.action]
        assert len(found) == 1, (part, [one.action for one in self.forms()], self.text[:400])
        return found[0]

    def send(self, sheet: Sheet | str, **values: str | list[str]) -> Reader:
        """Fill the form in and send it. A name's kind may be left out (`price` for
        `price:yuan`), and `__` stands for a dot."""
        sheet = self.form(sheet) if isinstance(sheet, str) else sheet
        pairs = list(sheet.fields)
        for name, value in values.items():
            name = name.replace("__", ".")
            full = next((key for key, _ in pairs if key.partition(":")[0] == name), name)
            pairs = [pair for pair in pairs if pair[0] != full]
            pairs += [(full, one) for one in (value if isinstance(value, list) else [value])]
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        return self._done(self._client.post(sheet.action, data=data, headers=self._headers()))
