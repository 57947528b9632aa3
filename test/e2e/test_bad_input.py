"""Wrong input to the REST API: each gets its status, its code and its fields, and nothing is stored."""

import json

from support.case import EVERY, SystemCase, topologies

GOOD = "+66812345678"
UNKNOWN = "018fd2c4-5b6e-7a10-9c3d-2f1e0b4a6d57"  # well-formed, and nobody's id
JSON = {"Content-Type": "application/json"}


@topologies(*EVERY)
class BadInput(SystemCase):
    settings = {"API_MAX_RECIPIENTS": 1000, "API_MAX_BODY": "64KiB", "API_MAX_MESSAGE_CHARS": 50,
                "HTTP_BODY_TIMEOUT": "5s", "HTTP_HEADER_TIMEOUT": "5s"}

    def tearDown(self):
        self.assertEqual(self.api.http.get("/api/broadcasts").json(), {"data": [], "next_cursor": None})
        self.assertEqual(self.system.sql("SELECT (SELECT count(*) FROM broadcasts) + (SELECT count(*) FROM messages)"
                                         " + (SELECT count(*) FROM outbox)"), [["0"]])

    def check_refused(self, body, status, code, errors=(), headers=None):
        """Also that the connection goes on, if the answer did not announce its end."""
        before = self.api.http.connects
        answer = self.api.http.post("/api/broadcasts", body, headers or JSON)
        self.check_problem(answer, status, code, errors)
        self.assertNotEqual(answer.headers.get("connection", "").lower(), "close", answer)
        self.assertEqual(self.api.http.get("/api/broadcasts").status, 200)
        self.assertEqual(self.api.http.connects, max(before, 1), "the connection was not kept")
        return answer.json()

    def test_not_json(self):
        for body in (b"nonsense", b"{", b"   ", b'{"message":"hi",}', b'{"message":NaN}', b'{"message":"hi"}{}',
                     b"\xef\xbb{}", b'{"message":"a\x00b","recipients":["+66812345678"]}', b'{"x":' + b"[" * 100,
                     b"\xff\xfe\x00"):
            with self.subTest(body):
                self.check_refused(body, 400, "malformed_json")
        self.check_refused(b"", 400, "empty_body")
        for body in (b"[]", b'"text"', b"7", b"null", b"true"):
            with self.subTest(body):
                self.check_refused(body, 400, "not_an_object")

    def test_wrong_types(self):
        self.check_refused({"message": 12, "recipients": GOOD}, 422, "invalid_broadcast",
                           ["message:wrong_type", "recipients:wrong_type"])
        self.check_refused({"message": None, "recipients": None, "name": 7}, 422, "invalid_broadcast",
                           ["message:wrong_type", "recipients:wrong_type", "name:wrong_type"])
        self.check_refused({"message": "hi", "recipients": [GOOD, 7, None, [GOOD], {}]}, 422, "invalid_broadcast",
                           [f"recipients[{index}]:not_a_string" for index in (1, 2, 3, 4)])

    def test_missing_and_empty(self):
        self.check_refused({}, 422, "invalid_broadcast", ["message:missing", "recipients:missing"])
        for text in ("", "   ", "\n\t"):
            self.check_refused({"message": text, "recipients": [GOOD]}, 422, "invalid_broadcast", ["message:empty"])
        self.check_refused({"message": "hi", "recipients": []}, 422, "invalid_broadcast", ["recipients:empty"])
        self.check_refused({"message": "hi", "recipients": [GOOD], "name": ""}, 422, "invalid_broadcast",
                           ["name:empty"])

    def test_too_long_and_unknown_fields(self):
        self.check_refused({"message": "ก" * 51, "recipients": [GOOD], "name": "n" * 201}, 422, "invalid_broadcast",
                           ["message:too_long", "name:too_long"])
        self.check_refused({"message": "hi", "recipient": [GOOD]}, 422, "invalid_broadcast",
                           ["recipient:unknown_field", "recipients:missing"])
        self.check_refused({"message": "hi", "body": "hi", "recipients": [GOOD]}, 422, "invalid_broadcast",
                           ["body:conflict"])

    def test_too_many_recipients(self):
        numbers = [f"+66812{n:06d}" for n in range(1001)]
        problem = self.check_refused({"message": "hi", "recipients": numbers}, 422, "invalid_broadcast",
                                     ["recipients:too_many"])
        self.assertIn("1000", problem["errors"][0]["message"])

    def test_bad_numbers(self):
        bad = {"": "empty", "0812345678": "missing_plus", "66812345678": "missing_plus",
               " +66812345678": "missing_plus",
               "+66 81 234 5678": "not_a_digit", "+6681234567a": "not_a_digit", "+๖๖๘๑๒๓๔๕๖๗๘": "not_a_digit",
               "+66812345678\u0000": "not_a_digit", "+123456": "too_short", "+": "too_short",
               "+668\u200b12345678": "invisible_character", "+66\u00a0812345678": "invisible_character",
               "\u202a66812345678": "missing_plus",
               "+6681234567890123": "too_long", "+00812345678": "unknown_country_code",
               "+99912345678": "unknown_country_code"}
        recipients = [GOOD] + list(bad)
        self.check_refused({"message": "hi", "recipients": recipients}, 422, "invalid_broadcast",
                           [f"recipients[{index}]:{code}" for index, code in enumerate(bad.values(), 1)])

    def test_at_most_100_are_listed(self):
        problem = self.check_refused({"message": "hi", "recipients": ["12345678"] * 150}, 422, "invalid_broadcast",
                                     [f"recipients[{index}]:missing_plus" for index in range(100)])
        self.assertIn("150", problem["detail"])
        self.assertIn("100", problem["detail"])

    def test_nul_and_invalid_utf8(self):
        self.check_refused({"message": "a\u0000b", "recipients": [GOOD]}, 422, "invalid_broadcast", ["message:has_nul"])
        for text in (b"\xc3\x28", b"\xed\xa0\x80", b"\xff", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf", b"\xe0\xb8"):
            body = b'{"message":"' + text + b'","recipients":["+66812345678"]}'
            with self.subTest(text):
                self.check_refused(body, 422, "invalid_broadcast", ["message:not_utf8"])
        body = b'{"message":"hi","name":"\xff","recipients":["+668\xff"]}'
        self.check_refused(body, 422, "invalid_broadcast", ["name:not_utf8", "recipients[0]:not_a_digit"])

    def test_lone_surrogate(self):
        for text in (rb"\ud800", rb"a\udfffb", rb"\ud83d\u0041"):
            with self.subTest(text):
                body = b'{"message":"' + text + b'","recipients":["+66812345678"]}'
                problem = self.check_refused(body, 422, "invalid_broadcast", ["message:lone_surrogate"])
                self.assertIn("half a letter", problem["errors"][0]["message"])
        self.check_refused(rb'{"message":"hi","recipients":["+66812345678","\ud800"]}', 422, "invalid_broadcast",
                           ["recipients[1]:lone_surrogate"])

    def test_a_byte_order_mark_is_no_mistake(self):
        self.check_refused(b"\xef\xbb\xbf{}", 422, "invalid_broadcast", ["message:missing", "recipients:missing"])

    def test_wrong_content_type(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", ""):
            with self.subTest(kind):
                self.check_refused(b'{"message":"hi","recipients":["+66812345678"]}', 415, "unsupported_media_type",
                                   headers={"Content-Type": kind})
        # A parameter and another case are the same type, so what is wrong here is the content only.
        self.check_refused(b"{}", 422, "invalid_broadcast", ["message:missing", "recipients:missing"],
                           headers={"Content-Type": "Application/JSON; charset=utf-8"})

    def test_body_over_the_limit(self):
        for size in (64 * 1024 + 1, 200 * 1024):
            body = b'{"message":"' + b"x" * size + b'"}'
            with self.subTest(size):
                self.check_refused(body, 413, "body_too_large")
        self.api.http.close()  # a really large one ends the connection
        answer = self.api.http.post("/api/broadcasts", b" " * 2_000_000, JSON)
        self.check_problem(answer, 413, "body_too_large")

    def test_ids(self):
        for path in ("/api/broadcasts/{}", "/api/broadcasts/{}/messages", "/api/messages/{}"):
            with self.subTest(path):
                self.check_ids(path, lambda target: self.api.http.get(target))
        for command in ("pause", "resume", "cancel"):
            with self.subTest(command):
                self.check_ids("/api/broadcasts/{}/" + command, lambda target: self.api.http.post(target))

    def check_ids(self, path, ask):
        # A list of messages of nothing may be empty or be missing, but it must say which, so it is missing.
        self.check_problem(ask(path.format(UNKNOWN)), 404, "not_found")
        for malformed in ("1", "not-an-id", UNKNOWN[:-1], UNKNOWN + "0", "{" + UNKNOWN + "}", "%27%20OR%201=1"):
            self.check_problem(ask(path.format(malformed)), 400, "malformed_id", ["id:malformed_id"])
        self.check_problem(ask(path.format("%00")), 400, "malformed_request")

    def test_wrong_method_and_path(self):
        for method, path, allowed in (
                ("DELETE", "/api/broadcasts", {"GET", "HEAD", "POST"}),
                ("PUT", "/api/broadcasts", {"GET", "HEAD", "POST"}),
                ("FROBNICATE", "/api/broadcasts", {"GET", "HEAD", "POST"}), ("POST", "/health", {"GET", "HEAD"}),
                ("POST", f"/api/broadcasts/{UNKNOWN}", {"GET", "HEAD"}),
                ("GET", f"/api/broadcasts/{UNKNOWN}/pause", {"POST"})):
            with self.subTest(f"{method} {path}"):
                answer = self.api.http.request(method, path)
                self.check_problem(answer, 405, "method_not_allowed")
                self.assertEqual(allowed, {word.strip() for word in answer.headers["allow"].split(",")})
        for path in ("/", "/api", "/api/broadcasts/", "/api/Broadcasts", "/api/messages", "/_mock/faults", "/send"):
            with self.subTest(path):
                self.check_problem(self.api.http.get(path), 404, "not_found")

    def test_queries(self):
        for path in ("/api/broadcasts", f"/api/broadcasts/{UNKNOWN}/messages"):
            for limit in ("0", "-1", "1001", "ten", "", "1e3", "99999999999999999999", "10%20"):
                self.check_query(f"{path}?limit={limit}", "limit:out_of_range")
            for cursor in ("", "forged", "A" * 51, "'--"):
                self.check_query(f"{path}?cursor={cursor}", "cursor:invalid_cursor")
            self.check_query(f"{path}?page=2", "page:unknown_parameter")
            self.check_query(f"{path}?limit=1&limit=2", "limit:duplicate")
            self.check_query(f"{path}?limit=%zz", "limit:malformed")
            self.check_query(f"{path}?cursor=%00", "cursor:malformed")
        self.check_query(f"/api/broadcasts/{UNKNOWN}/messages?status=lost", "status:unknown_status")

    def check_query(self, target, *errors):
        with self.subTest(target):
            self.check_problem(self.api.http.get(target), 422, "invalid_query", errors)

    def test_a_command_takes_no_body(self):
        answer = self.api.http.post(f"/api/broadcasts/{UNKNOWN}/pause", {"for": "1h"})
        self.check_problem(answer, 422, "unexpected_body")


@topologies(*EVERY)
class OddInput(SystemCase):
    """What looks right to its writer is taken as it was meant."""

    def test_numbers_and_texts(self):
        numbers = self.numbers.take(2) + ["+6834002", "+6904567"]
        document = json.dumps({"message": self.text, "recipients": [
            "\u202a" + numbers[0] + "\u202c", "\ufeff" + numbers[1] + "\u00a0", *numbers[2:], numbers[0]]})
        answer = self.api.http.post("/api/broadcasts", b"\xef\xbb\xbf" + document.encode(), JSON)
        self.assertEqual((answer.status, answer.json()["total_recipients"], answer.json()["duplicates_removed"]),
                         (201, 4, 1), answer)
        broadcast_id = answer.json()["broadcast_id"]
        self.api.wait_delivered(broadcast_id)
        self.assertEqual(sorted(message["phone_number"] for message in self.api.messages(broadcast_id)), sorted(numbers))


@topologies(*EVERY)
class Cursors(SystemCase):
    """A cursor is good for its own list and filter only."""

    def test_cursors_of_other_lists(self):
        first, second = self.broadcast(5), self.broadcast(5)
        self.api.wait_delivered(first)
        self.api.wait_delivered(second)
        of_list = self.api.http.get("/api/broadcasts?limit=1").json()["next_cursor"]
        path = f"/api/broadcasts/{first}/messages"
        of_first = self.api.http.get(f"{path}?limit=2").json()["next_cursor"]
        of_filter = self.api.http.get(f"{path}?limit=2&status=delivered").json()["next_cursor"]
        changed = of_first[:20] + ("A" if of_first[20] != "A" else "B") + of_first[21:]
        wrong = [f"{path}?cursor={of_list}", f"{path}?cursor={changed}", f"{path}?cursor={of_filter}",
                 f"{path}?status=delivered&cursor={of_first}", f"/api/broadcasts/{second}/messages?cursor={of_first}",
                 f"/api/broadcasts?cursor={of_first}"]
        for target in wrong:
            with self.subTest(target):
                self.check_problem(self.api.http.get(target), 422, "invalid_query", ["cursor:invalid_cursor"])
        self.assertEqual(len(self.api.http.get(f"{path}?limit=3&cursor={of_first}").json()["data"]), 3)
