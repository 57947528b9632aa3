"""API keys: who gets in, for what, and until when."""

import re
import time

from support.case import EVERY, SystemCase, topologies
from support.http import Http
from support.processes import run_once
from support.system import EMBEDDED, STOP_GRACE
from support.waiting import wait_until

PEPPER = "a pepper of the tests that is long enough"
TOKEN = re.compile(r"sms_(\w{10})_\w{43}_\w{6}")


@topologies(*EVERY)
class Keys(SystemCase):
    settings = {"AUTH": "required", "AUTH_PEPPER": PEPPER}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shown = []
        api = cls.system.process_of("api")
        cls.warned = wait_until(lambda: [line for line in api.log_lines() if '"event":"no_api_key"' in line], 60,
                                "the log to say how to make a key")
        cls.admin = Http(cls.system.ports["api"])
        cls.admin = Http(cls.system.ports["api"], key=cls.create("--name", "root", "--scopes", "admin"))

    @classmethod
    def tearDownClass(cls):
        cls.admin.close()
        super().tearDownClass()

    @classmethod
    def more_secrets(cls):
        return [PEPPER, *cls.shown]

    @classmethod
    def command(cls, *arguments):
        """`smsbcast key …`; the embedded store is one process's."""
        api = cls.system.process_of("api")
        if cls.topology == EMBEDDED:
            cls.admin.close()
            api.terminate(STOP_GRACE + 5)
        done = run_once(["key", *arguments], {**cls.system.settings, "LOG_FORMAT": "json"})
        if cls.topology == EMBEDDED:
            api.start().wait_ready()
        return done

    @classmethod
    def create(cls, *arguments):
        done = cls.command("create", *arguments)
        assert done.returncode == 0, done
        token = done.stdout.strip()
        assert TOKEN.fullmatch(token), done
        assert token not in done.stderr, "the key is alone on standard output"
        cls.shown.append(token)
        return token

    def make(self, *scopes, tenant="default", **more):
        """By the API: a client with a new key, and the key's prefix."""
        answer = self.admin.post("/api/keys", {"name": "a test's", "scopes": scopes, "tenant": tenant, **more})
        self.assertEqual(answer.status, 201, answer)
        self.shown.append(answer.json()["token"])
        client = Http(self.system.ports["api"], key=answer.json()["token"])
        self.addCleanup(client.close)
        return client, answer.json()["prefix"]

    def post_broadcast(self, client, count=3):
        answer = client.post("/api/broadcasts", {"message": self.text, "recipients": self.numbers.take(count)})
        self.assertEqual(answer.status, 201, answer)
        return answer.headers["location"]

    def test_the_log_says_how_to_make_the_first_one(self):
        self.assertEqual(len(self.warned), 1)
        self.assertIn("smsbcast key create", self.warned[0])

    def test_without_a_key_nothing_but_health_is_told(self):
        with_none = Http(self.system.ports["api"])
        self.addCleanup(with_none.close)
        for path in ("/api/broadcasts", "/api/keys", "/api/hold", "/api/messages/x"):
            self.check_problem(with_none.get(path), 401, "unauthenticated")
        self.check_problem(with_none.post("/api/broadcasts", {"message": "x", "recipients": ["+66812345678"]}), 401,
                           "unauthenticated")
        for path in ("/health", "/health/live", "/health/ready"):
            self.assertEqual(with_none.get(path).status, 200)

    def test_a_broadcast_to_the_end(self):
        client, prefix = self.make("broadcasts:write", "broadcasts:read")
        place = self.post_broadcast(client)
        wait_until(lambda: client.get(place).json()["status"] == "completed", 60, "the broadcast to complete")
        wait_until(lambda: self.admin.get(f"/api/keys/{prefix}").json()["last_used_at"], 120, "the use to be noted")

    def test_a_key_is_good_for_its_scopes_only(self):
        writer, _ = self.make("broadcasts:write")
        place = self.post_broadcast(writer)
        answer = writer.get(place)
        self.check_problem(answer, 403, "insufficient_scope")
        self.assertIn('scope="broadcasts:read"', answer.headers["www-authenticate"])
        self.check_problem(writer.get("/api/keys"), 403, "insufficient_scope")
        reader, _ = self.make("broadcasts:read")
        self.assertEqual(reader.get(place).status, 200)
        self.check_problem(reader.post(f"{place}/pause"), 403, "insufficient_scope")

    def test_tenants_do_not_see_each_other(self):
        scopes = ("broadcasts:write", "broadcasts:read")
        (clinic, _), (school, _) = self.make(*scopes, tenant="clinic"), self.make(*scopes, tenant="school")
        place = self.post_broadcast(clinic)
        message = clinic.get(place).json()["messages"][0]["id"]
        for path in (place, f"{place}/messages", f"/api/messages/{message}"):
            self.assertEqual(clinic.get(path).status, 200)
            self.check_problem(school.get(path), 404, "not_found")
        for command in ("pause", "resume", "cancel"):
            self.check_problem(school.post(f"{place}/{command}"), 404, "not_found")
        self.assertEqual(school.get("/api/broadcasts").json()["data"], [])
        self.assertEqual([row["id"] for row in clinic.get("/api/broadcasts").json()["data"]], [place.split("/")[-1]])

    def test_a_revoked_key_is_out_soon(self):
        client, prefix = self.make("broadcasts:read")
        self.assertEqual(client.get("/api/broadcasts").status, 200)
        self.assertEqual(self.admin.delete(f"/api/keys/{prefix}").status, 200)
        began = time.monotonic()
        wait_until(lambda: client.get("/api/broadcasts").status == 401, 60, "the key to end")
        print(f"a revoked key ended after {time.monotonic() - began:.1f} s")

    def test_an_expired_key_is_out(self):
        client, _ = self.make("broadcasts:read", expires_at=time.strftime("%FT%TZ", time.gmtime(time.time() + 3)))
        wait_until(lambda: client.get("/api/broadcasts").status == 401, 60, "the key to expire")

    def test_rotation(self):
        client, prefix = self.make("broadcasts:read")
        answer = self.admin.post(f"/api/keys/{prefix}/rotate", {"overlap_seconds": 3600})
        self.assertEqual(answer.status, 201, answer)
        self.shown.append(answer.json()["token"])
        successor = Http(self.system.ports["api"], key=answer.json()["token"])
        self.addCleanup(successor.close)
        self.assertEqual(successor.get("/api/broadcasts").status, 200, "at once")
        self.assertEqual(client.get("/api/broadcasts").status, 200)

    def test_the_command(self):
        token = self.create("--name", "till 7", "--scopes", "broadcasts:read", "--tenant", "clinic")
        prefix = TOKEN.fullmatch(token)[1]
        client = Http(self.system.ports["api"], key=token)
        self.addCleanup(client.close)
        self.assertEqual(client.get("/api/broadcasts").status, 200)
        listed = self.command("list").stdout
        self.assertRegex(listed, rf"(?m)^{prefix}  live +clinic .* till 7 \(broadcasts:read\)$")
        self.assertNotIn(token, listed)
        self.assertEqual(self.command("revoke", token).returncode, 0, "the key itself names it too")
        self.assertEqual(self.command("revoke", prefix).returncode, 0)
        wait_until(lambda: client.get("/api/broadcasts").status == 401, 60, "the key to end")
        self.assertRegex(self.command("list").stdout, rf"(?m)^{prefix}  revoked ")

    def test_hold_and_release_show_a_key_where_they_call_the_api(self):
        settings = {**self.system.process_of("api").settings, "SMSBCAST_KEY": self.admin.fields["Authorization"][7:]}
        for command in ("hold", "release"):
            done = run_once([command], settings)
            self.assertEqual(done.returncode, 0, done)
        if self.topology == EMBEDDED:
            done = run_once(["hold"], self.system.process_of("api").settings)
            self.assertEqual(done.returncode, 1)
            self.assertIn("SMSBCAST_KEY", done.stderr)

    def test_what_the_command_refuses(self):
        bare = {key: value for key, value in self.system.settings.items() if key != "AUTH_PEPPER"}
        done = run_once(["key", "create", "--name", "", "--scopes", "all"], bare)
        self.assertEqual(done.returncode, 2)
        self.assertEqual([line.split(":")[0] for line in done.stderr.splitlines()], ["--name", "--scopes", "AUTH_PEPPER"])
        for arguments in (["revoke", "0000000000"], ["rotate", "0000000000"]):
            done = self.command(*arguments)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("there is no key 0000000000", done.stderr)
