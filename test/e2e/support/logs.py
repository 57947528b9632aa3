"""What must hold for every line that any process logs."""

import json
import re

_ALWAYS = ("time", "level", "role", "event")
_DIGITS = re.compile(r"\d{8,}")


def check_logs(processes, numbers, secrets, texts, allowed_errors=()):
    """Every line is JSON with time, level, role and event; none holds a password, the text of a message, or a full
    phone number; none is an error but those whose event is allowed."""
    digits = numbers.all_digits()
    wrong = []
    for process in processes:
        for line in process.log_lines():
            wrong += [f"{process.name}: {problem}: {line[:400]}"
                      for problem in problems_of(line, digits, secrets, texts, allowed_errors)]
    assert not wrong, f"{len(wrong)} bad log lines, first:\n" + "\n".join(wrong[:8])


def problems_of(line, digits, secrets, texts, allowed_errors):
    found = []
    try:
        entry = json.loads(line)
    except ValueError:
        return ["is no JSON"]
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in _ALWAYS):
        return ["lacks time, level, role or event"]
    if entry["level"] == "error" and entry["event"] not in allowed_errors:
        found.append("unexpected error")
    if any(run in digits for run in _DIGITS.findall(line)):
        found.append("a full phone number")
    if any(secret in line for secret in secrets):
        found.append("a password")
    if any(text in line for text in texts):
        found.append("the text of a message")
    return found


def entries(process):
    """The parsed lines of a process's log."""
    return [json.loads(line) for line in process.log_lines()]
