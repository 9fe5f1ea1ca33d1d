"""How events flow: the gate that admits, the projector that lands and evaluates, replay, verify and rebuild."""
