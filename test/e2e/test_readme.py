"""The way through the README: one broadcast from the POST to the last receipt, and the shape of every answer."""

import re

from support.api import STATUSES
from support.case import EVERY, SystemCase, topologies
from support.http import Http

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
BROADCAST = ["id", "name", "message", "status", "total_recipients", "counts", "created_at", "expires_at",
             "completed_at"]
MESSAGE = ["id", "phone_number", "status", "created_at", "queued_at", "sent_at", "delivered_at", "attempts",
           "provider_id", "error", "possible_duplicate"]


@topologies(*EVERY)
class Readme(SystemCase):
    def test_one_broadcast_to_the_end(self):
        recipients = self.numbers.take(250)
        answer = self.api.http.post("/api/broadcasts",
                                    {"message": self.text, "recipients": recipients, "name": "Autumn sale"})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.headers["content-type"], "application/json")
        created = answer.json()
        broadcast_id = created["broadcast_id"]
        self.assertRegex(broadcast_id, UUID)
        self.assertEqual(created, {"broadcast_id": broadcast_id, "status": "running", "total_recipients": 250,
                                   "duplicates_removed": 0})
        self.assertEqual(answer.headers["location"], f"/api/broadcasts/{broadcast_id}")

        self.api.wait_delivered(broadcast_id)
        broadcast = self.api.http.get(answer.headers["location"]).json()
        self.check_broadcast(broadcast, broadcast_id)
        self.check_pages(broadcast, recipients)
        self.check_list(broadcast)
        self.check_message(broadcast["messages"][0], broadcast_id)

    def check_broadcast(self, broadcast, broadcast_id):
        self.assertEqual(list(broadcast), BROADCAST + ["messages", "next_cursor"])
        self.assertEqual((broadcast["id"], broadcast["name"], broadcast["message"], broadcast["status"]),
                         (broadcast_id, "Autumn sale", self.text, "completed"))
        self.assertEqual(broadcast["counts"], {**dict.fromkeys(STATUSES, 0), "delivered": 250})
        self.assertRegex(broadcast["created_at"], TIME)
        self.assertIsNone(broadcast["expires_at"])
        self.assertRegex(broadcast["completed_at"], TIME)
        self.assertLess(broadcast["created_at"], broadcast["completed_at"])
        self.assertEqual(len(broadcast["messages"]), 100)
        self.assertIsInstance(broadcast["next_cursor"], str)

    def check_pages(self, broadcast, recipients):
        first = broadcast["messages"]
        path = f"/api/broadcasts/{broadcast['id']}/messages"
        page = self.api.http.get(path).json()
        self.assertEqual(page, {"data": first, "next_cursor": broadcast["next_cursor"]})
        for limit in (1000, 250, 249, 33):
            messages = self.api.messages(broadcast["id"], limit)
            self.assertEqual([message["phone_number"] for message in messages], recipients, "the order of the request")
            self.assertEqual(messages[:100], first)
        self.assertEqual(self.api.messages(broadcast["id"], 77, "delivered"), messages)
        self.assertEqual(self.api.messages(broadcast["id"], 77, "failed"), [])
        for message in messages:
            self.check_delivered(message)

    def check_delivered(self, message):
        self.assertEqual(list(message), MESSAGE)
        self.assertRegex(message["id"], UUID)
        self.assertEqual((message["status"], message["attempts"], message["error"], message["possible_duplicate"]),
                         ("delivered", 1, None, False))
        self.assertTrue(message["provider_id"])
        times = [message[name] for name in ("created_at", "queued_at", "sent_at", "delivered_at")]
        for time in times:
            self.assertRegex(time, TIME)
        self.assertEqual(times, sorted(times))

    def check_list(self, broadcast):
        other = self.broadcast(3)
        self.api.wait_delivered(other)
        for limit in (1, 2, 1000):
            found = self.api.broadcasts(limit)
            self.assertEqual([row["id"] for row in found][:2], [other, broadcast["id"]], "the newest first")
            self.assertEqual(found[1], {key: broadcast[key] for key in BROADCAST})
        self.assertIsNone(found[0]["name"])

    def check_message(self, message, broadcast_id):
        self.assertEqual(self.api.message(message["id"]),
                         {**message, "broadcast_id": broadcast_id, "attempt_history": []})

    def test_the_request_id_is_echoed_or_made(self):
        for path, status in (("/api/broadcasts", 200), ("/nowhere", 404), ("/health/ready", 200)):
            answer = self.api.http.get(path, {"X-Request-ID": "order-66.A_z"})
            self.assertEqual((answer.status, answer.headers["x-request-id"]), (status, "order-66.A_z"))
            made = [self.api.http.get(path, {"X-Request-ID": "not well-formed!"}).headers["x-request-id"],
                    self.api.http.get(path).headers["x-request-id"]]
            self.assertRegex(made[0], UUID)
            self.assertRegex(made[1], UUID)
            self.assertNotEqual(made[0], made[1])

    def test_body_is_taken_for_message(self):
        answer = self.api.http.post("/api/broadcasts", {"body": self.text, "recipients": self.numbers.take(1)})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(self.api.wait_delivered(answer.json()["broadcast_id"])["message"], self.text)

    def test_any_text_arrives_as_it_was_sent(self):
        for text in ("สวัสดี 🎉 \"quotes\" \\ 'x'; DROP TABLE messages; --", "line\nline\ttab\u0007\u007f", "x" * 1600,
                     "ก" * 1600):
            broadcast_id = self.api.create(self.numbers.take(1), text, name=text[:200])
            broadcast = self.api.get(broadcast_id)
            self.assertEqual((broadcast["message"], broadcast["name"]), (text, text[:200]))
            self.api.wait_delivered(broadcast_id)

    def test_a_number_given_twice_is_sent_once(self):
        numbers = self.numbers.take(30)
        recipients = numbers + numbers[::-1] + numbers[:5]
        answer = self.api.http.post("/api/broadcasts", {"message": self.text, "recipients": recipients})
        self.assertEqual(answer.status, 201, answer)
        created = answer.json()
        self.assertEqual((created["total_recipients"], created["duplicates_removed"]), (30, 35))
        self.api.wait_delivered(created["broadcast_id"])
        sent_to = [message["phone_number"] for message in self.api.messages(created["broadcast_id"])]
        self.assertEqual(sent_to, numbers)
        rows = [row for row in self.mock.ledger().values() if row["to"] in set(numbers)]
        self.assertEqual({row["to"]: row["requests"] for row in rows}, dict.fromkeys(numbers, 1))

    def test_health_of_every_role(self):
        for role, port in self.system.ports.items():
            with self.subTest(role):
                self.check_health(role, port)

    def check_health(self, role, port):
        client = Http(port)
        for path in ("/health", "/health/live"):
            answer = client.get(path)
            self.assertEqual((answer.status, answer.json()), (200, {"status": "ok", "role": role}))
        ready = client.get("/health/ready").json()
        self.assertEqual((ready["status"], ready["role"]), ("ready", role))
        self.assertEqual(set(ready["checks"].values()), {"ok"})
        client.close()
