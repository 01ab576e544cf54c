"""Turns with the role "system" between the others, moved into the user turns beside them.

Written by claude-routing-install. Claude Code sends such turns to names that it does not recognise and to its newest models; chat
templates and older models refuse them.
"""

import local_content


def with_reminders(message, reminders):
    return {**message, "content": local_content.blocks_of(message.get("content")) + reminders} if reminders else message


def folded(messages):
    """The same conversation without system turns. What stood before a turn never changes when later turns are added."""
    turns, waiting = [], []
    for message in messages:
        if not isinstance(message, dict):
            continue
        role = message.get("role")
        if role in local_content.SYSTEM_ROLES:
            text = local_content.text_of(message.get("content"))
            reminder = [{"type": "text", "text": f"<system-reminder>\n{text}\n</system-reminder>"}] if text else []
            if turns and turns[-1].get("role") == "user":
                turns[-1] = with_reminders(turns[-1], reminder)
            else:
                waiting += reminder
        elif role == "user":
            # Behind the turn's own blocks: tool results have to come first.
            turns.append(with_reminders(message, waiting))
            waiting = []
        else:
            if waiting:
                turns.append({"role": "user", "content": waiting})
                waiting = []
            turns.append(message)
    return turns + ([{"role": "user", "content": waiting}] if waiting else [])
