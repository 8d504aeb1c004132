"""A vault with one secret, that remembers what was read."""


class Vault:
    def __init__(self, held):
        self.held, self.asked = held, []

    def read_secret(self, path):
        self.asked.append(path)
        return self.held

    def keep_alive(self):
        """Signed in as the pool."""
