"""The mock provider's own interface: its faults, its statistics, and the ledger of what it truly received."""

from .http import Http

# The rates of these add up to 1 at most, and a request meets one of them at most.
REQUEST_FAULTS = ("throttle_rate", "error_rate", "reset_before_rate", "reset_after_rate", "hang_rate", "truncate_rate")


class Mock:
    def __init__(self, port):
        self.http = Http(port)

    def set_faults(self, **faults):
        """Changes these and leaves the others."""
        answer = self.http.post("/_mock/faults", faults)
        assert answer.status // 100 == 2, answer

    def reset_faults(self):
        """Those of the start again."""
        answer = self.http.delete("/_mock/faults")
        assert answer.status // 100 == 2, answer

    def stats(self):
        return self.http.get("/_mock/stats").json()

    def requests(self):
        """How many requests it has received, since its start or the last clear()."""
        return self.stats()["requests"]

    def ledger(self):
        """All rows by message id."""
        rows, after = {}, 0
        while after is not None:
            answer = self.http.get(f"/_mock/ledger?limit=10000&after={after}")
            assert answer.status == 200, answer
            page = answer.json()
            rows.update((row["message_id"], row) for row in page["data"])
            after = page["next_after"]
        return rows

    def clear(self):
        """Forgets the ledger and the statistics."""
        answer = self.http.delete("/_mock/ledger")
        assert answer.status // 100 == 2, answer

    def close(self):
        self.http.close()
