"""HTTP as it really comes: in pieces, in chunks, several requests at once, half a request."""

import json

from support.case import EVERY, SystemCase, topologies
from support.raw import RawConnection, request_bytes
from support.waiting import wait_until

JSON = ("Content-Type", "application/json")
CHUNKED = [JSON, ("Transfer-Encoding", "chunked")]


@topologies(*EVERY)
class Wire(SystemCase):
    settings = {"HTTP_BODY_TIMEOUT": "5s", "HTTP_HEADER_TIMEOUT": "5s"}

    def connect(self):
        connection = RawConnection(self.system.ports["api"])
        self.addCleanup(connection.socket.close)
        return connection

    def document(self, count=1):
        return json.dumps({"message": self.text, "recipients": self.numbers.take(count)}).encode()

    def stored(self):
        return int(self.system.sql("SELECT count(*) FROM broadcasts")[0][0])

    def check_created(self, answer, count=1):
        self.assertEqual((answer.status, answer.json().get("total_recipients")), (201, count), answer)
        self.api.wait_delivered(answer.json()["broadcast_id"])

    def test_chunked(self):
        connection = self.connect()
        for size in (1, 7, 1000):
            body = self.document(20)
            chunks = [body[at:at + size] for at in range(0, len(body), size)]
            connection.send(request_bytes("POST", "/api/broadcasts", b"", CHUNKED))
            for chunk in chunks:
                connection.send(f"{len(chunk):x};ext=1\r\n".encode() + chunk + b"\r\n")
            connection.send(b"0\r\nTrailer: x\r\n\r\n")
            self.check_created(connection.receive(), 20)

    def test_what_looks_right_is_taken_as_it_was_meant(self):
        numbers = self.numbers.take(2) + ["+6834002", "+6904567"]  # Niue, Tokelau
        document = json.dumps({"message": self.text, "recipients": [
            "\u202a" + numbers[0] + "\u202c", "\ufeff" + numbers[1] + "\u00a0", *numbers[2:], numbers[0]]}).encode()
        connection = self.connect()
        answer = connection.send(request_bytes("POST", "/api/broadcasts", b"\xef\xbb\xbf" + document, [JSON])).receive()
        self.check_created(answer, 4)
        phones = [message["phone_number"] for message in self.api.messages(answer.json()["broadcast_id"])]
        self.assertEqual(sorted(phones), sorted(numbers))

    def test_bad_chunks(self):
        before = self.stored()
        for rest in (b"zz\r\n{}\r\n", b"-1\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n"):
            with self.subTest(rest):
                connection = self.connect().send(request_bytes("POST", "/api/broadcasts", b"", CHUNKED))
                self.check_problem(connection.send(rest).receive(), 400, "malformed_request")
                self.assertTrue(connection.is_closed())
        self.assertEqual(self.stored(), before)

    def test_expect_100_continue(self):
        connection, body = self.connect(), self.document()
        connection.send(request_bytes("POST", "/api/broadcasts", b"",
                                      [JSON, ("Expect", "100-continue"), ("Content-Length", str(len(body)))]))
        self.assertEqual(connection.receive().status, 100)
        self.check_created(connection.send(body).receive())

    def test_expect_is_refused_before_the_body_is_sent(self):
        connection = self.connect()
        connection.send(request_bytes("POST", "/api/broadcasts", b"",
                                      [JSON, ("Expect", "100-continue"), ("Content-Length", str(10**10))]))
        self.check_problem(connection.receive(), 413, "body_too_large")

    def test_pipelined(self):
        connection, count, requests = self.connect(), 20, []
        for n in range(count):
            requests.append(request_bytes("POST", "/api/broadcasts", self.document(n + 1), [JSON]))
            requests.append(request_bytes("GET", "/health"))
        connection.send(b"".join(requests))
        for n in range(count):
            answer = connection.receive()
            self.assertEqual((answer.status, answer.json().get("total_recipients")), (201, n + 1))
            self.assertEqual(connection.receive().json()["status"], "ok")

    def test_kept_alive_and_closed_on_request(self):
        connection = self.connect()
        for _ in range(50):
            self.assertEqual(connection.send(request_bytes("GET", "/api/broadcasts?limit=1")).receive().status, 200)
        answer = connection.send(request_bytes("GET", "/health", b"", [("Connection", "close")])).receive()
        self.assertEqual((answer.status, answer.headers["connection"].lower()), (200, "close"))
        self.assertTrue(connection.is_closed())

    def test_byte_by_byte(self):
        connection = self.connect()
        for byte in request_bytes("POST", "/api/broadcasts", self.document(), [JSON]):
            connection.send(bytes([byte]))
        self.check_created(connection.receive())

    def test_half_a_request(self):
        before, whole = self.stored(), request_bytes("POST", "/api/broadcasts", self.document(), [JSON])
        for cut in (len(whole) // 4, len(whole) - 1):
            with self.subTest(cut):
                waits = self.connect().send(whole[:cut])
                self.check_problem(waits.receive(), 408, "request_timeout")
                self.assertTrue(waits.is_closed())
                gone = self.connect().send(whole[:cut])
                gone.socket.close()
        self.assertEqual(self.stored(), before)
        self.assertEqual(self.api.http.get("/health").status, 200)

    def test_what_proxies_disagree_about(self):
        body = self.document()
        before = self.stored()
        for headers, status, code in (
                ([("Content-Length", str(len(body))), ("Transfer-Encoding", "chunked")], 400, None),
                ([("Content-Length", str(len(body))), ("Content-Length", str(len(body)))], 400, "bad_content_length"),
                ([("Content-Length", "-1")], 400, None), ([("Content-Length", "1, 1")], 400, None),
                ([("Transfer-Encoding", "gzip")], 501, "unknown_transfer_encoding"),
                ([("Host", "other")], 400, "bad_host"), ([("X-Folded", "a\r\n b")], 400, "folded_header")):
            with self.subTest(headers):
                connection = self.connect().send(request_bytes("POST", "/api/broadcasts", body, [JSON, *headers]))
                answer = connection.receive()
                self.check_problem(answer, status, code or answer.json()["code"])
                self.assertTrue(connection.is_closed())
        self.assertEqual(self.stored(), before)

    def test_not_http(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"hello\r\n\r\n", b"GET /health\r\n\r\n",
                     b"GET /health HTTP/3.0\r\nHost: x\r\n\r\n"):
            with self.subTest(data):
                answer = self.connect().send(data).receive()
                self.assertIn(answer.status, (400, 505), answer)

    def test_a_head_that_is_too_large(self):
        answer = self.connect().send(request_bytes("GET", "/health", b"", [("X-Long", "x" * 20000)])).receive()
        self.check_problem(answer, 431, "header_too_large")
        answer = self.connect().send(request_bytes("GET", "/" + "x" * 10000)).receive()
        self.check_problem(answer, 414, "uri_too_long")

    def test_many_slow_clients_do_not_stop_others(self):
        slow = [self.connect().send(b"POST /api/broadcasts HTTP/1.1\r\nHost: x\r\n") for _ in range(200)]
        self.assertEqual(self.api.http.get("/health/ready").status, 200)
        wait_until(lambda: slow[-1].receive().status == 408, 20, "the last slow client to be told so")
