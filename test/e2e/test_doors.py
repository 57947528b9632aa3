"""Bodies and requests that are hard to read, at each door through which others come in: the API, /dlr and /send."""

import json
import uuid

from support.case import EVERY, SystemCase, topologies
from support.raw import RawConnection, request_bytes

MANY_DIGITS = b"9" * 5000
DEEP = b"[" * 500 + b"]" * 500


@topologies(*EVERY)
class Doors(SystemCase):
    settings = {"MOCK_RECEIPT_LOST_RATE": 1, "DLR_UNSIGNED": "accept"}

    def doors(self):
        """Path, port, and members of a good document."""
        number = self.numbers.take(1)[0]
        return (("/api/broadcasts", self.system.ports["api"], {"message": self.text, "recipients": [number]}),
                ("/dlr", self.system.ports["dlr"], {"provider_id": "door", "status": "delivered"}),
                ("/send", self.system.ports["mock-provider"],
                 {"message_id": str(uuid.uuid4()), "to": number, "body": self.text,
                  "dlr_webhook_url": self.system.webhook_url}))

    def ask(self, port, path, body, headers=()):
        with RawConnection(port) as connection:
            everything = (("Content-Type", "application/json"), *headers)
            answer = connection.send(request_bytes("POST", path, body, everything)).receive()
            # Whatever was asked, the next request on the same connection gets its own answer.
            after = connection.send(request_bytes("GET", "/health/live")).receive()
            self.assertEqual(after.status, 200, answer)
            return answer

    def test_documents_that_nobody_can_mean(self):
        may_be_read = ("deep", "a number of 5000 digits", "a number beyond all bounds", "half a character")
        for path, port, members in self.doors():
            good = json.dumps(members).encode()
            first = json.dumps(next(iter(members.values()))).encode()
            for what, body in (("deep", b'{"x":' + DEEP + b"," + good[1:]),
                               ("only deep", DEEP),
                               ("a number of 5000 digits", good.replace(first, MANY_DIGITS, 1)),
                               ("a number beyond all bounds", good.replace(first, b"1e99999", 1)),
                               ("no UTF-8", good.replace(first, b'"\xc3\x28"', 1)),
                               ("half a character", good.replace(first, b'"\\ud800"', 1)),
                               ("cut short", good[:-1]),
                               ("something after the end", good + b"{}")):
                with self.subTest(f"{path}: {what}"):
                    answer = self.ask(port, path, body)
                    # Providers and senders write odd ids, and side fields that nobody reads.
                    if path != "/api/broadcasts" and what in may_be_read and answer.status in (202, 204):
                        continue
                    self.assertIn(answer.status, (400, 422), answer)
                    self.assertEqual(answer.headers["content-type"], "application/problem+json")
                    self.assertTrue(json.loads(answer.body)["detail"])

    def test_chunks(self):
        for path, port, members in self.doors():
            body = json.dumps(members).encode()
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at:at + 7]), body[at:at + 7]) for at in range(0, len(body), 7))
            with self.subTest(path), RawConnection(port) as connection:
                head = (f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n").encode()
                answer = connection.send(head + chunks + b"0\r\n\r\n").receive()
                self.assertIn(answer.status, (201, 202, 204), answer)
                self.assertEqual(connection.send(request_bytes("GET", "/health/live")).receive().status, 200)

    def test_half_a_request(self):
        before = len(self.api.broadcasts())
        for path, port, members in self.doors():
            body = json.dumps(members).encode()
            with self.subTest(path):
                with RawConnection(port) as connection:
                    connection.send(request_bytes("POST", path, body, (("Content-Type", "application/json"),))[:-5])
                with RawConnection(port) as connection:
                    self.assertEqual(connection.send(request_bytes("GET", "/health/live")).receive().status, 200)
        self.assertEqual(len(self.api.broadcasts()), before)
