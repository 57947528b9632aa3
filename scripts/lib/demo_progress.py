"""Posts a broadcast and shows a line a second until its last receipt: URL RECIPIENTS FILE-FOR-THE-ID"""

import json
import sys
import time
from urllib.request import Request, urlopen

PATIENCE = 120  # seconds
COLUMNS = ("pending", "queued", "sending", "sent", "delivered")


def ask(url, document=None):
    body = None if document is None else json.dumps(document).encode()
    with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=300) as answer:
        return json.load(answer)


def duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def main():
    url, count, id_file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    recipients = [f"+668{n:08d}" for n in range(10_000_000, 10_000_000 + count)]
    began = time.monotonic()
    created = ask(f"{url}/api/broadcasts", {"name": "Demo", "message": "Hello from smsbcast!", "recipients": recipients})
    with open(id_file, "w", encoding="ascii") as file:
        file.write(created["broadcast_id"])
    print(f"POST {url}/api/broadcasts: accepted {created['total_recipients']} recipients "
          f"after {time.monotonic() - began:.2f} s\n")
    print("".join(f"{name:>11}" for name in (*COLUMNS, "msg/s", "ETA")), flush=True)
    follow(f"{url}/api/broadcasts?limit=1", began)


def follow(url, began):
    """The newest broadcast, without its messages."""
    last_time, last_count = began, 0
    next_line = progress_at = time.monotonic()
    while True:
        broadcast = ask(url)["data"][0]
        counts, now = broadcast["counts"], time.monotonic()
        done = counts["delivered"] + counts["failed"]
        ended = done == broadcast["total_recipients"]
        if done > last_count:
            progress_at = now
        if now > progress_at + PATIENCE:
            sys.exit(f"error: nothing has moved for {PATIENCE} s: {counts}")
        if ended or now >= next_line:
            speed = (done - last_count) / (now - last_time)
            left = "done" if ended else duration((broadcast["total_recipients"] - done) / speed) if speed else "?"
            print("".join(f"{counts[name]:>11}" for name in COLUMNS) + f"{speed:>11.0f}{left:>11}", flush=True)
            last_time, last_count, next_line = now, done, next_line + 1
        if ended:
            break
        time.sleep(min(0.05, max(0, next_line - now)))
    total = time.monotonic() - began
    print(f"\n{done} messages in {total:.1f} s, {done / total:.0f} msg/s: "
          + ", ".join(f"{count} {name}" for name, count in counts.items() if count))


if __name__ == "__main__":
    main()
