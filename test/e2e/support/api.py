"""The REST API as a client uses it, with the checks that hold for every answer."""

from .http import Http
from .waiting import wait_until

STATUSES = ("pending", "queued", "sending", "sent", "unknown", "delivered", "failed", "canceled", "expired",
            "suppressed")
IN_OUR_HANDS = ("pending", "queued", "sending", "unknown")


def check_counts(broadcast):
    """Holds at every moment of a broadcast's life."""
    counts = broadcast["counts"]
    assert tuple(counts) == STATUSES, counts
    assert all(count >= 0 for count in counts.values()), counts
    assert sum(counts.values()) == broadcast["total_recipients"], (counts, broadcast["total_recipients"])
    if broadcast["status"] in ("completed", "canceled"):
        left = ("pending", "queued", "sending") if broadcast["status"] == "canceled" else IN_OUR_HANDS
        assert all(counts[status] == 0 for status in left), broadcast["status"] + f" with {counts}"


class Api:
    def __init__(self, port, key=None):
        self.http = Http(port, key=key)

    def create(self, recipients, message="Hello", **more):
        """Posts a broadcast that must be accepted; returns its id."""
        answer = self.http.post("/api/broadcasts", {"message": message, "recipients": recipients, **more})
        assert answer.status == 201, answer
        return answer.json()["broadcast_id"]

    def get(self, broadcast_id):
        answer = self.http.get(f"/api/broadcasts/{broadcast_id}")
        assert answer.status == 200, answer
        broadcast = answer.json()
        check_counts(broadcast)
        return broadcast

    def counts(self, broadcast_id):
        """Those that are not 0."""
        return {status: count for status, count in self.get(broadcast_id)["counts"].items() if count}

    def command(self, broadcast_id, command):
        return self.http.post(f"/api/broadcasts/{broadcast_id}/{command}")

    def message(self, message_id):
        answer = self.http.get(f"/api/messages/{message_id}")
        assert answer.status == 200, answer
        return answer.json()

    def messages(self, broadcast_id, limit=1000, status=None):
        """Those of all pages, in order."""
        path = f"/api/broadcasts/{broadcast_id}/messages?limit={limit}" + (f"&status={status}" if status else "")
        return self._pages(path)

    def broadcasts(self, limit=1000):
        return self._pages(f"/api/broadcasts?limit={limit}")

    def _pages(self, path):
        rows, cursor = [], None
        while True:
            answer = self.http.get(path + (f"&cursor={cursor}" if cursor else ""))
            assert answer.status == 200, answer
            page = answer.json()
            assert list(page) == ["data", "next_cursor"], list(page)
            rows += page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    def wait(self, broadcast_id, condition, seconds, what, every=0.1):
        """Polls until `condition(broadcast)` holds, checking the counts every time. A connection that fails counts as
        no answer, since some tests restart the API meanwhile."""
        last = {}

        def look():
            try:
                broadcast = self.get(broadcast_id)
            except OSError as error:
                last["error"] = error
                return None
            last.update(status=broadcast["status"], counts={k: n for k, n in broadcast["counts"].items() if n})
            return broadcast if condition(broadcast) else None

        return wait_until(look, seconds, lambda: f"{what}; last seen: {last}", every)

    def wait_delivered(self, broadcast_id, seconds=60):
        """Until the broadcast is completed and every message delivered."""

        def delivered(broadcast):
            all_of_them = broadcast["counts"]["delivered"] == broadcast["total_recipients"]
            return all_of_them and broadcast["status"] == "completed"

        return self.wait(broadcast_id, delivered, seconds, "every message to be delivered")

    def wait_settled(self, broadcast_id, seconds=60):
        """Until it is completed and no message waits for its receipt."""

        def settled(broadcast):
            return (broadcast["status"] in ("completed", "canceled")
                    and not any(broadcast["counts"][status] for status in ("sent", *IN_OUR_HANDS)))

        return self.wait(broadcast_id, settled, seconds, "the broadcast to settle")

    def close(self):
        self.http.close()
