"""Rows of a training file as tokens with loss weights, by the rules of Weft's own trainer (docs/contracts/training.md)."""

import json
import re
from dataclasses import dataclass, field

from .errors import Refused


@dataclass
class Row:
    tokens: list[int]
    # Of predicting each token (or each target) from what precedes it; empty for a classifier's row.
    weights: list[float] = field(default_factory=list)
    # What a decoder answers, where `tokens` are an encoder's.
    targets: list[int] | None = None
    label: int | None = None
    weight: float = 1.0
    # What the row said before it was cut; None of one that is whole.
    said: str | None = None

    @property
    def total(self) -> float:
        return self.weight if self.label is not None else float(sum(self.weights))

    @property
    def length(self) -> int:
        return len(self.tokens) + len(self.targets or [])


@dataclass
class Dataset:
    rows: list[Row]
    truncated: int
    # Rows of the file of which all that is learned was cut off, so that they are none of these.
    unlearned: int = 0
    # Rows of the file that were not cut and of which nothing is learned all the same, for their weight of 0 for one: none of these either.
    left_out: int = 0


class Tokenizer:
    """What rows need of a Hugging Face tokenizer."""

    def __init__(self, tokenizer, eos: int | None):
        self.hf = tokenizer
        self.eos = eos

    def encode(self, text: str, special: bool = True) -> list[int]:
        return self.hf(whole(text), add_special_tokens=special)["input_ids"]

    def behind(self, before: str, text: str) -> tuple[str, int]:
        """What to tokenize a text with that goes on with another, and how many of the tokens are not the text's: by itself it would begin with the blank that some
        tokenizers begin every text with. Where both would share a token, or the text would be nothing, it is tokenized as behind a line's end."""
        for near in (before[-NEAR:], "\n") if before else ():
            own = self.encode(near, special=False)
            both = self.encode(near + text, special=False)
            if own and both[: len(own)] == own and (len(both) > len(own) or not text.strip()):
                return near, len(own)
        return "", 0

    def encode_behind(self, before: str, text: str) -> list[int]:
        near, others = self.behind(before, text)
        return self.encode(near + text, special=False)[others:]

    def within(self, text: str, most: int) -> tuple[list[int], bool]:
        """Cut at the text's end; what the tokenizer puts behind a text stays."""
        tokens = self.encode(text)
        if len(tokens) <= most:
            return tokens, False
        return self.hf(whole(text), truncation=True, max_length=most)["input_ids"], True


# So many characters of what stands before tell how what follows them is tokenized.
NEAR = 64


def whole(text: str) -> str:
    """Half a surrogate pair, which JSON may escape and a tokenizer of Python's refuses, is written as U+FFFD, as Weft's own trainer reads it."""
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text) if HALVES.search(text) else text


HALVES = re.compile("[\ud800-\udfff]")


def lines_of(content: str) -> list[str]:
    """A file's lines as JSON Lines has them: a text may hold other characters that Python takes for the end of a line. Files that were put together have a byte order mark within."""
    return [line.removeprefix("\ufeff") for line in content.split("\n")]


def label_of(given) -> str:
    """As it was counted: a number that JSON writes as 1.0 or 1e0 is the class 1."""
    return str(int(given)) if isinstance(given, float) else str(given)


def read_rows(content: str, file: str, tokenizer: Tokenizer, task: str, labels: list[str], most: int, predicts_first: bool, aside: bool = False) -> Dataset:
    """`aside`: rows that were set aside of a file that teaches something, none of which need do so."""
    rows: list[Row] = []
    truncated = unlearned = left_out = 0
    for number, line in enumerate(lines_of(content), 1):
        if not line.strip():
            continue
        given = json.loads(line)
        for strange in ("task_id", "task"):
            if strange in given:
                raise Refused("rows_of_several_tasks", f"{file} row {number} has {strange!r}, which PEFT trains with a method of its own. Train with a runner of Weft.")
        row, cut = row_of(given, file, number, tokenizer, task, labels, most)
        if row.label is None and row.targets is None and not predicts_first and row.weights:
            row.weights[0] = 0.0
        if not (any(weight > 0 for weight in row.weights) if row.label is None else row.weight > 0):
            if cut and given.get("weight") != 0:
                unlearned += 1
            else:
                left_out += 1
            continue  # cut to nothing, an empty text, or of weight 0
        truncated += cut
        row.said = json.dumps(said_by(given), sort_keys=True) if cut else None
        rows.append(row)
    if not rows and content.strip() and not aside:
        raise Refused("nothing_to_learn", f"No {file} row has a token to learn from: texts are empty, rows weigh 0, or max_length cuts all of it off.")
    return Dataset(rows, truncated, unlearned, left_out)


def said_by(given):
    """All that a row says, less how much it counts and what it is called."""
    if isinstance(given, list):
        return [said_by(part) for part in given]
    return {key: said_by(value) for key, value in given.items() if key not in ("weight", "label", "labels")} if isinstance(given, dict) else given


def repeated(training: list[Row], validation: list[Row]) -> int:
    """Held-out rows that stand among the training rows too. Those that only cutting made equal are not the same row."""
    known = {content_of(row) for row in training}
    return sum(content_of(row) in known for row in validation)


def content_of(row: Row):
    return row.said or (tuple(row.tokens), tuple(row.targets or ()))


def row_of(given: dict, file: str, number: int, tokenizer: Tokenizer, task: str, labels: list[str], most: int) -> tuple[Row, bool]:
    weight = float(given.get("weight", 1.0))
    if task == "SEQ_CLS":
        tokens, cut = tokenizer.within(given["text"], most)
        if not tokens and tokenizer.eos is not None:
            tokens = [tokenizer.eos]
        return Row(tokens, label=labels.index(label_of(given["label"])), weight=weight), cut
    if task == "SEQ_2_SEQ_LM":
        tokens, cut = tokenizer.within(given["prompt"], most)
        if tokenizer.eos is not None and tokens[-1:] != [tokenizer.eos]:
            tokens, cut = tokenizer.within(given["prompt"], most - 1)
            tokens = [*tokens, tokenizer.eos]
        targets, weights = completion_of(given["completion"], tokenizer, "")
        return Row(tokens, [w * weight for w in weights[:most]], targets=targets[:most]), cut or len(targets) > most
    if "messages" in given:
        return kept_end(chat_pieces(given, file, number, tokenizer, weight), most)
    if "completion" in given:
        prompt = tokenizer.encode(given["prompt"])
        tokens, weights = completion_of(given["completion"], tokenizer, given["prompt"])
        return kept_end([(prompt, [0.0] * len(prompt)), (tokens, [w * weight for w in weights])], most)
    tokens = tokenizer.encode(given["text"])
    return Row(tokens[:most], [weight] * min(most, len(tokens))), len(tokens) > most


def completion_of(completion, tokenizer: Tokenizer, before: str) -> tuple[list[int], list[float]]:
    """A completion and the end-of-text token after it. One in parts is one text, whose tokens weigh what the heaviest part does that they take characters from."""
    if isinstance(completion, str):
        tokens = tokenizer.encode_behind(before, completion)
        weights = [1.0] * len(tokens)
    else:
        text = "".join(part["text"] for part in completion)
        near, others = tokenizer.behind(before, text)
        coded = tokenizer.hf(whole(near + text), add_special_tokens=False, return_offsets_mapping=True)
        tokens = coded["input_ids"][others:]
        spans, at = [], len(near)
        for part in completion:
            spans.append((at, at + len(part["text"]), float(part.get("weight", 1.0))))
            at += len(part["text"])
        weights = [max([w for start, end, w in spans if end > start and end > a and start < max(b, a + 1)], default=0.0) for a, b in coded["offset_mapping"][others:]]
    return (tokens, weights) if tokenizer.eos is None else ([*tokens, tokenizer.eos], [*weights, 1.0])


def chat_pieces(given: dict, file: str, number: int, tokenizer: Tokenizer, weight: float) -> list[tuple[list[int], list[float]]]:
    """Text and the assistant's turns, tokenized piece by piece, each behind what stands before it: so inference meets them. The turns lie between renderings of the chat's beginnings."""
    if tokenizer.hf.chat_template is None:
        raise Refused("no_chat_template", "The trainer's tokenizer has no chat template, so rows of {messages} cannot be written out. Train on {prompt, completion}.")
    messages, functions = given["messages"], [tool["function"] for tool in given.get("tools") or []]
    turns = turns_of(messages)

    def rendered(some, prompt=False, told=functions):
        tools = {"tools": [tool_of(function) for function in told]} if told else {}
        return tokenizer.hf.apply_chat_template(some, tokenize=False, add_generation_prompt=prompt, **tools)

    whole = rendered(turns)

    unshown = left_out_of(turns, functions, rendered)
    if unshown is not None:
        raise Refused(
            "tools_not_shown",
            f"{file} row {number}: the chat template shows no functions, no calls of them, or nothing of what is said beside a call ({unshown[:80]!r} is not in what it writes). "
            "A runner of Weft writes them all the same: train there.",
        )
    pieces: list[tuple[list[int], list[float]]] = []

    def add(start: int, end: int, w: float) -> None:
        if start < end:
            tokens = tokenizer.encode_behind(whole[:start], whole[start:end])
            pieces.append((tokens, [w] * len(tokens)))

    done = 0
    for at, turn in enumerate(messages):
        if turn["role"] != "assistant":
            continue
        try:
            before = rendered(turns[:at], prompt=True)
            after = whole if at == len(turns) - 1 else rendered(turns[: at + 1])
        except Exception:
            before, after = "", ""
        if not before or not after.startswith(before) or not whole.startswith(after) or len(before) < done:
            raise Refused(
                "template_not_incremental",
                f"{file} row {number}: the chat template shows earlier turns otherwise than the last, so PEFT's trainer cannot tell what the assistant wrote. "
                "Train with a runner of Weft, or on {prompt, completion}.",
            )
        add(done, len(before), 0.0)
        add(len(before), len(after), weight * float(turn.get("weight", 1.0)))
        done = len(after)
    return pieces


def left_out_of(turns: list[dict], functions: list[dict], rendered) -> str | None:
    """What a chat template leaves out of functions, of calls and of what is said beside them; None where it shows them all. A name may well stand in what somebody
    says, so each is told by a mark in its place."""
    marks: dict[str, str] = {}

    def marked(what: str) -> str:
        mark = f"unspoken{len(marks):06d}"
        marks[mark] = what
        return mark

    def with_marks(turn: dict) -> dict:
        calls = [{**call, "function": {**call["function"], "name": marked(call["function"]["name"])}} for call in turn["tool_calls"]]
        return {**turn, "tool_calls": calls, **({"content": marked(turn["content"])} if turn["content"].strip() else {})}

    told = [{**function, "name": marked(function["name"])} for function in functions]
    some = [with_marks(turn) if turn.get("tool_calls") else turn for turn in turns]
    if not marks:
        return None
    text = rendered(some, told=told)
    return next((what for mark, what in marks.items() if mark not in text), None)


def tool_of(function: dict) -> dict:
    """A function as chat templates take it, and as a request for it has it."""
    parameters = function.get("parameters")
    described = {"name": function["name"], "description": function.get("description") or ""}
    return {"type": "function", "function": {**described, "parameters": {"type": "object", "properties": {}} if parameters is None else parameters}}


def turns_of(messages: list[dict]) -> list[dict]:
    """As a chat template takes them: calls with arguments that are values, and with the ids that Weft's own trainer gives those that have none."""
    turns, calls = [], 0
    for m in messages:
        turn = {"role": m["role"], "content": text_of(m.get("content")), **({"name": m["name"]} if "name" in m else {})}
        for call in m.get("tool_calls") or []:
            function = call["function"]
            arguments = function["arguments"]
            value = json.loads(arguments) if isinstance(arguments, str) else arguments
            called = {"id": call.get("id") or f"call{calls:05d}", "type": "function", "function": {"name": function["name"], "arguments": value}}
            turn.setdefault("tool_calls", []).append(called)
            calls += 1
        if m.get("tool_call_id") is not None:
            turn["tool_call_id"] = m["tool_call_id"]
        turns.append(turn)
    return turns


def text_of(content) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content or [])


def kept_end(pieces: list[tuple[list[int], list[float]]], most: int) -> tuple[Row, bool]:
    """Cuts what follows the last learned piece, then the beginning of what precedes it, and then that piece's end, until all fits."""
    tokens = [token for piece, _ in pieces for token in piece]
    weights = [weight for _, piece in pieces for weight in piece]
    if len(tokens) <= most:
        return Row(tokens, weights), False
    last = max((at for at, (_, piece) in enumerate(pieces) if any(weight > 0 for weight in piece)), default=len(pieces) - 1)
    end = sum(len(piece) for piece, _ in pieces[: last + 1])
    start = max(0, min(end - most, end - len(pieces[last][0])))
    return Row(tokens[start : start + most], weights[start : start + most]), True
