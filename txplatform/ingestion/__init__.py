"""How anything arrives: what sources of several domains have in common; no business."""
