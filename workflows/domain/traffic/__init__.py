"""How the requests of a service are split between its versions, and what suits its clients."""
