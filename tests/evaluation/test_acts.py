import json

from evaluation import draw, reading


def test_from_draw_to_contract(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    assert len(panel) == 5
    held = reading.held_draw(world.session, lot.id)
    draw.verify(json.loads(held.document))
