"""Wrong input where the provider calls us (/dlr), and where we call the mock provider (/send)."""

import json
import uuid

from support.case import EVERY, SystemCase, topologies
from support.http import Http
from support.waiting import wait_until

JSON = {"Content-Type": "application/json"}
NOT_JSON = (b"", b"nonsense", b"{", b'{"provider_id":"a",}', b'{"status":"deliv', b"\xff")


@topologies(*EVERY)
class BadReceipts(SystemCase):
    # Receipts come from the tests only, which have no seals.
    settings = {"MOCK_RECEIPT_LOST_RATE": 1, "DLR_UNSIGNED": "accept"}

    def setUp(self):
        self.dlr = Http(self.system.ports["dlr"])
        self.addCleanup(self.dlr.close)

    def receipt(self, body, query=""):
        return self.dlr.post(f"/dlr{query}", body, JSON)

    def test_bad_bodies(self):
        for body in NOT_JSON:
            with self.subTest(body):
                self.check_problem(self.receipt(body), 400, "malformed_json")
        for body in (b"[]", b'"delivered"', b"null", b"1"):
            with self.subTest(body):
                self.check_problem(self.receipt(body), 400, "not_an_object")
        for body, errors in (
                ({}, ["provider_id:missing", "status:missing"]),
                ({"provider_id": "a"}, ["status:missing"]),
                ({"status": "delivered", "message_id": "7"}, ["provider_id:missing"]),
                ({"provider_id": "", "status": "delivered"}, ["provider_id:invalid"]),
                ({"provider_id": ["a"], "status": "delivered"}, ["provider_id:invalid"]),
                ({"provider_id": "x" * 256, "status": "delivered"}, ["provider_id:invalid"]),
                ({"provider_id": "a\u0000", "status": "failed"}, ["provider_id:invalid"]),
                ({"provider_id": "a", "status": "sent"}, ["status:invalid"]),
                ({"provider_id": "a", "status": None}, ["status:invalid"])):
            with self.subTest(body):
                self.check_problem(self.receipt(json.dumps(body)), 400, "invalid_receipt", errors)
        answer = self.receipt(json.dumps({"status": "delivered"}), "?message_id=nonsense")
        self.check_problem(answer, 400, "invalid_receipt", ["provider_id:missing"])
        self.assertEqual(self.system.sql("SELECT count(*) FROM receipt_inbox WHERE provider_id IN ('a', '')"), [["0"]])
        self.assertEqual(self.dlr.connects, 1, "every answer left the connection usable")

    def test_method_path_and_size(self):
        answer = self.dlr.get("/dlr")
        self.check_problem(answer, 405, "method_not_allowed")
        self.assertEqual(answer.headers["allow"], "POST")
        self.check_problem(self.dlr.get("/api/broadcasts"), 404, "not_found")
        self.check_problem(self.receipt(b" " * (64 * 1024 + 1)), 413, "body_too_large")

    def test_an_unknown_message_is_kept(self):
        body = json.dumps({"provider_id": "nobody-knows-it", "status": "delivered", "more": [1]})
        answer = self.receipt(body, "?and=more")
        self.assertEqual((answer.status, answer.body), (204, b""))
        kept = self.system.sql("SELECT count(*) FROM receipt_inbox WHERE delivered = (1 = 1)"
                               " AND provider_id = 'nobody-knows-it'")
        self.assertEqual(kept, [["1"]])

    def test_receipts_move_messages_and_only_improve(self):
        broadcast_id = self.broadcast(4)
        self.api.wait(broadcast_id, lambda b: b["counts"]["sent"] == 4, 30, "everything to be sent")
        by_query, by_body, by_provider_id, untouched = self.api.messages(broadcast_id)
        for message, status, query, more in (
                (by_query, "delivered", f"?message_id={by_query['id']}", {}),
                (by_body, "failed", "", {"message_id": by_body["id"], "error_code": 21}),
                (by_provider_id, "failed", f"?message_id={by_provider_id['id']}", {"error_code": "absent"})):
            body = json.dumps({"provider_id": message["provider_id"], "status": status, **more})
            self.assertEqual(self.receipt(body, query).status, 204)
        self.assertEqual(self.api.counts(broadcast_id), {"sent": 1, "delivered": 1, "failed": 2})
        self.assertEqual(self.api.message(by_body["id"])["error"]["code"], "21")
        self.assertEqual(self.api.message(by_provider_id["id"])["error"]["code"], "absent")
        worse = {"provider_id": by_query["provider_id"], "status": "failed", "message_id": by_query["id"]}
        better = {"provider_id": by_body["provider_id"], "status": "delivered", "message_id": by_body["id"]}
        for body in (worse, better, better):
            self.assertEqual(self.receipt(json.dumps(body)).status, 204)
        self.assertEqual(self.api.counts(broadcast_id), {"sent": 1, "delivered": 2, "failed": 1})
        self.assertEqual(self.api.message(by_body["id"])["error"], None)
        self.assertEqual(self.api.message(untouched["id"])["status"], "sent")

    def test_a_side_field_fails_no_receipt(self):
        broadcast_id = self.broadcast(10)
        self.api.wait(broadcast_id, lambda b: b["counts"]["sent"] == 10, 30, "everything to be sent")
        foreign = str(uuid.uuid4())
        receipts = (
            ({"status": "failed"}, None),
            ({"status": " Failed ", "provider_id": None, "message_id": "theirs-7"}, None),
            ({"status": "failed", "message_id": foreign, "provider_id": 12345678901234567890123}, None),
            ({"status": "failed", "provider_id": "another", "error_code": "x" * 65}, "x" * 64),
            ({"status": "failed", "error_code": {"to": "+66812345678"}}, '{"to":"+•••678"}'),
            ({"status": "failed", "error_code": True}, "true"),
            ({"status": "failed", "error_code": "a\u0000b", "more": [[[[1]]]]}, "a b"),
            (b'\xef\xbb\xbf{"status":"failed"}', None),
            (rb'{"status":"failed","text":"\ud800"}', None),
            (b'{"status":"failed","text":"two\nlines \xff","provider_id":""}\n\0', None))
        for message, (body, code) in zip(self.api.messages(broadcast_id), receipts, strict=True):
            with self.subTest(body):
                answer = self.receipt(body if isinstance(body, bytes) else json.dumps(body),
                                      f"?message_id={message['id']}&message_id=7&x=%zz")
                self.assertEqual(answer.status, 204, answer)
                after = self.api.message(message["id"])
                self.assertEqual((after["status"], after["error"]["code"], after["provider_id"]),
                                 ("failed", code or "not_delivered", message["provider_id"]))

    def test_completed_does_not_wait_for_receipts(self):
        broadcast_id = self.broadcast(3)
        broadcast = self.api.wait(broadcast_id, lambda b: b["status"] == "completed", 30, "completion")
        self.assertEqual(broadcast["counts"]["sent"], 3)


@topologies(*EVERY)
class ForgedReceipts(SystemCase):
    """Whoever posts receipts must have been given the address by us."""

    settings = {"MOCK_RECEIPT_DELAY": "1m", "DLR_TOKEN": "a token of the tests"}  # the tests are faster than the provider

    @classmethod
    def more_secrets(cls):
        return ["a token of the tests"]

    def setUp(self):
        self.dlr = Http(self.system.ports["dlr"])
        self.addCleanup(self.dlr.close)

    def sent(self):
        """A message that waits for its receipt."""
        broadcast_id = self.broadcast(1)
        self.api.wait(broadcast_id, lambda b: b["counts"]["sent"] == 1, 60, "it to be sent")
        return self.api.messages(broadcast_id)[0]

    def post(self, query, body, headers=None):
        return self.dlr.post(f"/dlr{query}", json.dumps(body), {**JSON, **(headers or {})})

    def test_what_is_invented_changes_nothing(self):
        message = self.sent()
        rows = self.system.sql("SELECT count(*) FROM receipt_inbox")
        body = {"provider_id": message["provider_id"], "status": "delivered"}
        for query, code in (("", "unsigned_receipt"), (f"?message_id={message['id']}", "unsigned_receipt"),
                            (f"?message_id={message['id']}&sig={'0' * 32}", "wrong_signature"),
                            (f"?sig={'0' * 32}", "wrong_signature")):
            for sent in (body, {**body, "message_id": message["id"]}):
                self.check_problem(self.post(query, sent), 401, code)
        self.check_problem(self.post("", body, {"Authorization": "Bearer a token of others"}), 401, "unsigned_receipt")
        self.assertEqual(self.api.message(message["id"])["status"], "sent")
        self.assertEqual(self.system.sql("SELECT count(*) FROM receipt_inbox"), rows)
        refused = self.dlr.get("/health/ready").json()["receipts"]["refused"]
        self.assertGreaterEqual(refused, 9)
        log = self.system.process_of("dlr").log_lines()
        self.assertTrue(any('"event":"receipt_refused"' in line and '"advice"' in line for line in log))

    def test_the_token_lets_in(self):
        for headers in ({"Authorization": "Bearer a token of the tests"}, {"X-Webhook-Token": "a token of the tests"}):
            message = self.sent()
            answer = self.post("", {"provider_id": message["provider_id"], "message_id": message["id"],
                                    "status": "delivered"}, headers)
            self.assertEqual(answer.status, 204, answer)
            wait_until(lambda: self.api.message(message["id"])["status"] == "delivered", 60, "the receipt to be applied")

    def test_the_provider_is_given_a_sealed_address(self):
        message = self.sent()
        self.mock.set_faults(receipt_delay_ms=0)
        self.addCleanup(lambda: self.mock.set_faults(receipt_delay_ms=60000))
        other = self.broadcast(20)
        self.api.wait_delivered(other)
        self.assertEqual(self.api.message(message["id"])["status"], "sent")


@topologies("all")
class BadSends(SystemCase):
    """The mock provider's own door."""

    # The mock posts the receipts of what others send to the plain address.
    settings = {"DLR_UNSIGNED": "accept"}

    def send(self, body, key=None):
        headers = {**JSON, **({"Idempotency-Key": key} if key else {})}
        return self.mock.http.post("/send", body if isinstance(body, bytes) else json.dumps(body), headers)

    def good(self, **changes):
        return {"message_id": str(uuid.uuid4()), "to": self.numbers.take(1)[0], "body": self.text,
                "dlr_webhook_url": self.system.webhook_url, **changes}

    def test_bad_bodies(self):
        for body in NOT_JSON + (b"[]", b"null"):
            with self.subTest(body):
                self.check_problem(self.send(body), 400, "malformed_json")
        for name in ("message_id", "to", "body", "dlr_webhook_url"):
            with self.subTest(name):
                self.check_problem(self.send(self.good(**{name: [7]})), 400, "invalid_message", [f"{name}:invalid"])
        for name in ("to", "body"):
            with self.subTest(name):
                without = self.good()
                del without[name]
                self.check_problem(self.send(without), 400, "invalid_message", [f"{name}:missing"])
        self.check_problem(self.send(self.good(to="nobody")), 422, "invalid_number", ["to:not_a_digit"])
        self.check_problem(self.send(self.good(dlr_webhook_url="ftp://x")), 422, "invalid_webhook",
                           ["dlr_webhook_url:invalid"])
        self.check_problem(self.mock.http.get("/send"), 405, "method_not_allowed")
        self.assertEqual(self.mock.http.connects, 1, "every answer left the connection usable")

    def test_other_senders(self):
        for changes in ({"dlr_webhook_url": ""}, {"dlr_webhook_url": None}, {"message_id": "order 7"},
                        {"message_id": 7, "dlr_webhook_url": ""}, {"to": "081 234 5678"}, {"priority": {"x": 1}}):
            with self.subTest(changes):
                before = self.mock.stats()["receipts_acknowledged"]
                answer = self.send(b"\xef\xbb\xbf" + json.dumps(self.good(**changes)).encode())
                self.assertEqual(answer.status, 202, str(answer))
                uuid.UUID(answer.json()["provider_id"])
                wait_until(lambda: self.mock.stats()["receipts_acknowledged"] == before + 1, 60, "its receipt")

    def test_a_key_is_taken_once(self):
        body, key = self.good(), uuid.uuid4().hex
        first, second = self.send(body, key), self.send(body, key)
        self.assertEqual((first.status, first.json()), (202, second.json()))
        self.check_problem(self.send({**body, "body": self.text + "!"}, key), 422, "key_reused")
        row = self.mock.ledger()[body["message_id"]]
        self.assertEqual((row["accepted"], row["provider_id"]), (1, first.json()["provider_id"]))
        wait_until(lambda: self.mock.ledger()[body["message_id"]]["receipts_acknowledged"] == 1, 20, "its receipt")

    def test_bad_faults(self):
        before = self.mock.http.get("/_mock/faults").json()
        for body, error in (({"error_rate": 2}, "error_rate:invalid"), ({"error_rate": "much"}, "error_rate:invalid"),
                            ({"latency_ms": -1}, "latency_ms:invalid"), ({"mood": 1}, "mood:unknown_field"),
                            ({"receipt_echo": "both"}, "receipt_echo:invalid"),
                            ({"error_rate": 0.6, "hang_rate": 0.6}, "throttle_rate:out_of_range")):
            with self.subTest(body):
                self.check_problem(self.mock.http.post("/_mock/faults", body), 422, "invalid_faults", [error])
        self.assertEqual(self.mock.http.get("/_mock/faults").json(), before)
