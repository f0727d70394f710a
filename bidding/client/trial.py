"""A trial submission against a tender's real policy: everything is done, nothing counts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from kernel.canonical import jcs
from people import x509

from .. import declaration, manifest, promise, sealing
from ..manifest import Form
from ..wire import call
from .notice import Notice
from .seal import look_again

KIND = "bid-trial"


def run(wire, notice: Notice, uscc: str, signing: bytes | x509.CertifiedKey, form: Form,
        technical: list[Path], price: list[Path], *,
        progress: Callable[[str, int], None] = lambda part, size: None) -> dict:
    """Seal, open again, sign, send every byte, have the declaration judged; what is said of it.

    The declaration's type is `bid-trial`, whose signature is good for nothing else; the sealed
    files lie in a temporary folder and are removed. Raises Problem, BadPromise, ValueError.
    """
    manifest.read_form(form.to_json())
    with tempfile.TemporaryDirectory(prefix="yangguang-trial-") as folder:
        sealed = sealing.seal(notice.terms, uscc, form, technical, price, Path(folder),
                              progress=progress)
        look_again(sealed)
        sealed.declaration["type"] = KIND
        key, signature = declaration.sign(sealed.declaration, signing)
        for part in sealed.declaration["parts"]:
            with open(sealed.files[part["part"]], "rb") as file:
                came = call(wire, "PUT", f"/lots/{notice.terms.lot}/bid-trials/{part['part']}",
                            data=file)
            if came != {"size": part["size"], "ciphertext_hash": part["ciphertext_hash"]}:
                raise ValueError(f"part {part['part']} arrived as other bytes than were sent")
        answer = call(wire, "POST", f"/lots/{notice.terms.lot}/bid-trials", {
            "declaration": jcs(sealed.declaration).decode(), "key": key, "signature": signature,
            "wraps": sealed.wraps})
    says = promise.read(answer["promise"], notice.platform)
    if says["type"] != KIND or says["declaration"] != declaration.digest(sealed.declaration):
        raise promise.BadPromise("the answer is about something else")
    return says
