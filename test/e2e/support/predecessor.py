"""What the system that was there before smsbcast has on the same broker and in the same database."""

from urllib.parse import urlsplit

# Other kinds of exchange and queue by the names that smsbcast once used, and a message that its own worker is to take.
QUEUES = """V = <<"{vhost}">>, N = fun (Kind, Name) -> rabbit_misc:r(V, Kind, Name) end,
    rabbit_exchange:declare(N(exchange, <<"sms">>), topic, true, false, false, [], <<"e2e">>),
    [{{new, _}} = rabbit_amqqueue:declare(N(queue, Name), true, false, [], none, <<"e2e">>) ||
        Name <- [<<"sms.send">>, <<"sms.parked">>]],
    rabbit_basic:publish(N(exchange, <<>>), <<"sms.send">>, [], <<"{{}}">>)."""
LEFT_THERE = """{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"{vhost}">>, queue, <<"sms.send">>)),
    {{ok, Ready, Consumers}} = rabbit_amqqueue:stat(Q), {{Ready, Consumers}}."""
TABLES = """
    CREATE TABLE public.broadcasts (id uuid PRIMARY KEY, name text, created_at timestamptz);
    CREATE TABLE public.messages (id uuid PRIMARY KEY, broadcast_id uuid REFERENCES public.broadcasts, to_number text,
        body text, status text, provider_id text, created_at timestamptz, updated_at timestamptz);
    CREATE INDEX idx_messages_broadcast ON public.messages (broadcast_id);
    INSERT INTO public.broadcasts VALUES ('123e4567-e89b-12d3-a456-426614174000', 'theirs', now());
    INSERT INTO public.messages SELECT gen_random_uuid(), '123e4567-e89b-12d3-a456-426614174000', '+66812345678',
        'theirs', 'pending', NULL, now(), now() FROM generate_series(1, {messages})"""


def make_queues(servers, amqp_url):
    _eval(servers, amqp_url, QUEUES)


def make_tables(servers, database_url, messages=1):
    """With so many messages in them, as they are when nothing has changed for a while."""
    servers.sql(TABLES.format(messages=messages), database_url)
    servers.sql("VACUUM ANALYZE public.messages", database_url)


def left_in_queue(servers, amqp_url):
    """How many messages wait in its queue, and how many consumers it has, as Erlang prints it."""
    return _eval(servers, amqp_url, LEFT_THERE)


def _eval(servers, amqp_url, code):
    return servers.rabbitmqctl("eval", code.format(vhost=urlsplit(amqp_url).path.lstrip("/"))).strip()
