"""What the operator's commands do beyond the acts they call."""

import os
import time

from audit.act import wiring
from portal import admin

DAY = 86400


def test_only_what_no_row_refers_to_is_collected(world, installation, capsys):
    """A document and the blocks of a bid stay; an old object of nobody's goes, a new one not yet."""
    tender = world.published_tender()
    world.sealed_bid(world.lots(tender)[0])
    store = wiring().store
    referred = set(store.names())
    old, young = store.put(b"left by a crash"), store.put(b"its row is about to be written")
    for name in (*referred, old):
        os.utime(store.path(name), (time.time() - 2 * DAY,) * 2)
    admin.collect(installation)
    assert set(store.names()) == referred | {young}
    assert "1 objects" in capsys.readouterr().out
