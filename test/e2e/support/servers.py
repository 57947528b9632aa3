"""Databases and vhosts on the servers that the tests run against; and servers of one's own, to stop and start them."""

import atexit
import functools
import itertools
import os
import random
import shutil
import subprocess
import tempfile
from urllib.parse import unquote, urlsplit

# Ours, before those that somebody else has in `public`.
PSQL_ENVIRONMENT = {**os.environ, "PGOPTIONS": "-c search_path=smsbcast,public"}

SCRIPT = os.path.join(os.path.dirname(__file__), "../../../scripts/servers")
_VHOSTS_AT_ONCE = 8


class Servers:
    """PostgreSQL and RabbitMQ in a directory of scripts/servers."""

    def __init__(self, directory):
        self.directory = directory
        lines = subprocess.run([SCRIPT, "env", directory], check=True, capture_output=True, text=True).stdout
        values = dict(word.split("=", 1) for word in lines.replace("export ", "").split())
        self.database_url = values["DATABASE_URL"].strip("'")
        self.amqp_url = values["AMQP_URL"].strip("'")
        self._names = (f"e2e_{os.getpid()}_{random.randrange(10**6)}_{n}" for n in itertools.count())
        self._vhosts = []

    @classmethod
    @functools.cache
    def shared(cls):
        """Those of this test run."""
        return cls(os.environ["SMSBCAST_SERVERS_DIR"])

    @classmethod
    def start_own(cls, postgres_disk=None):
        """New ones; end them with remove(). An interrupted run ends them too. `postgres_disk`: its size, so that it can be
        full; that needs root."""
        environment = {**os.environ, "SERVERS_POSTGRES_DISK": postgres_disk or ""}
        directory = tempfile.mkdtemp(prefix="smsbcast-e2e-servers.")
        # Not by run(), which kills at an interrupt what could have cleaned up after itself.
        starting = subprocess.Popen([SCRIPT, "start", directory], stdout=subprocess.DEVNULL, env=environment)
        try:
            if starting.wait() != 0:
                raise AssertionError(f"the servers did not start in {directory}")
        except BaseException:
            starting.terminate()
            starting.wait()
            shutil.rmtree(directory, ignore_errors=True)
            raise
        servers = cls(directory)
        atexit.register(servers.remove)
        return servers

    def remove(self):
        self.control("stop", "--remove")
        atexit.unregister(self.remove)

    def control(self, command, *arguments):
        subprocess.run([SCRIPT, command, self.directory, *arguments], check=True, stdout=subprocess.DEVNULL)

    @property
    def secrets(self):
        """The passwords, which no log may show."""
        urls = (urlsplit(self.database_url), urlsplit(self.amqp_url))
        return {unquote(url.password) for url in urls if url.password}

    def sql(self, statement, database_url=None):
        """Rows as lists of texts."""
        command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-F", "\t", "-c", statement]
        command.append(database_url or self.database_url)
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, env=PSQL_ENVIRONMENT)
        if done.returncode != 0:
            raise AssertionError(f"psql: {done.stderr.strip()}\n{statement}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def new_database(self):
        """The URL of an empty database."""
        name = next(self._names)
        self.sql(f"CREATE DATABASE {name}")
        return urlsplit(self.database_url)._replace(path=f"/{name}").geturl()

    def new_vhost(self):
        """The AMQP URL of an empty vhost. They are made several at once, since each call starts an Erlang VM."""
        if not self._vhosts:
            self._vhosts = [next(self._names) for _ in range(_VHOSTS_AT_ONCE)]
            names = ", ".join(f'<<"{name}">>' for name in self._vhosts)
            user = urlsplit(self.amqp_url).username
            self.rabbitmqctl("eval", f"""All = <<".*">>, [begin
                rabbit_vhost:add(V, <<"e2e">>),
                rabbit_auth_backend_internal:set_permissions(<<"{user}">>, V, All, All, All, <<"e2e">>)
                end || V <- [{names}]].""")
        return urlsplit(self.amqp_url)._replace(path=f"/{self._vhosts.pop()}").geturl()

    def rabbitmqctl(self, *arguments):
        command = [SCRIPT, "rabbitmqctl", self.directory, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise AssertionError(f"rabbitmqctl {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout
