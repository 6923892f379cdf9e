import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const python = 'python3'
const missing = spawnSync(python, ['--version']).status === 0 ? '' : ` (skipped: there is no ${python})`

/** What a program prints, as JSON. */
const printed = (program: string, input = '') => {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], { cwd: import.meta.dirname, input, env })
  expect([status, String(stderr)]).toEqual([0, ''])
  return JSON.parse(String(stdout))
}

/** A tokenizer of one token a character. */
const characters = `
import json, sys
from weft_peft.errors import Refused
from weft_peft.rows import Tokenizer, read_rows, repeated

class Characters:
    chat_template = None
    def __call__(self, text, add_special_tokens=True, return_offsets_mapping=False, **kept):
        text.encode()  # A tokenizer of Hugging Face's takes no half of a surrogate pair either.
        return {"input_ids": [ord(character) for character in text], "offset_mapping": [(i, i + 1) for i in range(len(text))]}

def read(*rows, most=8, task="CAUSAL_LM", labels=[], **options):
    content = "\\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    return read_rows(content, "training", Tokenizer(Characters(), None), task, labels, most, True, **options)

# Of eight tokens, all that is learned is cut off.
weighed = {"prompt": "Q", "completion": [{"text": "because it is so: ", "weight": 0}, {"text": "yes"}]}
`

/** Reads a training file, as the trainer does; its rows. */
const read = (content: string, task = 'CAUSAL_LM', labels: string[] = []): { tokens: number[]; label: number | null }[] =>
  printed(
    `${characters}
asked = json.loads(sys.stdin.read())
print(json.dumps([{"tokens": row.tokens, "label": row.label} for row in read(asked["content"], most=100, task=asked["task"], labels=asked["labels"]).rows]))
`,
    JSON.stringify({ content, task, labels }),
  )
const codes = (text: string) => Array.from(text, (character) => character.codePointAt(0))

test.skipIf(missing).each([
  ['characters that Python takes for the end of a line', ['a\u2028b', 'c\u2029d', 'e\u0085f', 'g\u000bh\u001ci']],
  ['characters beyond 16 bits', ['a🐋b']],
])(`PEFT's trainer reads the lines that were checked: %s${missing}`, (_, texts) => {
  const content = texts.map((text) => `${JSON.stringify({ text })}\r\n`).join('\n')
  expect(read(content).map(({ tokens }) => tokens)).toEqual(texts.map(codes))
})

test.skipIf(missing)(`PEFT's trainer reads what a file may hold besides${missing}`, () => {
  // Two files in one, each with its byte order mark.
  expect(read('\ufeff{"text":"a"}\n\ufeff{"text":"b"}\n').map(({ tokens }) => tokens)).toEqual([[97], [98]])
  // Half a pair, as a text that was cut leaves it.
  expect(read(String.raw`{"text":"a\ud83d"}`)[0].tokens).toEqual(codes('a\ufffd'))
  const labelled = ['{"text":"a","label":1}', '{"text":"a","label":1.0}', '{"text":"a","label":2e0}', '{"text":"a","label":"1.0"}'].join('\n')
  expect(read(labelled, 'SEQ_CLS', ['1', '1.0', '2']).map(({ label }) => label)).toEqual([0, 0, 2, 1])
})

test.skipIf(missing)(`of a chat that is too long PEFT's trainer keeps the last learned turn${missing}`, () => {
  const program = `
import json
from weft_peft.rows import kept_end
pieces = [([1, 2], [0.0, 0.0]), ([3, 4, 5], [1.0, 1.0, 1.0]), ([6, 7], [0.0, 0.0]), ([8, 9], [0.0, 0.0])]
print(json.dumps([kept_end(pieces, most)[0].tokens for most in (9, 6, 4, 2)] + [kept_end(pieces[:1], 1)[0].tokens, kept_end(pieces[2:], 3)[0].tokens]))
`
  expect(printed(program)).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 5, 6], [2, 3, 4, 5], [3, 4], [1], [7, 8, 9]])
})

test.skipIf(missing)(`PEFT's trainer counts rows of which all that is learned is cut off as such, and not as cut${missing}`, () => {
  const program = `${characters}
found = read(weighed, {"text": "abcdefghi"}, {"text": "ab"}, {"text": "abcdefghi", "weight": 0}, {"text": "ab", "weight": 0})
print(json.dumps([len(found.rows), found.truncated, found.unlearned, found.left_out]))
`
  expect(printed(program)).toEqual([2, 1, 1, 2])
})

test.skipIf(missing)(`rows that were set aside may teach nothing to PEFT's trainer, and a file of them may not${missing}`, () => {
  const program = `${characters}
found = read(weighed, aside=True)
try:
    read(weighed)
except Refused as error:
    print(json.dumps([error.code, len(found.rows), found.truncated, found.unlearned]))
`
  expect(printed(program)).toEqual(['nothing_to_learn', 0, 0, 1])
})

test.skipIf(missing)(`PEFT's trainer counts held-out rows as repeated where the file repeats them, and not where cutting made them equal${missing}`, () => {
  const program = `${characters}
known = read({"text": "the whale a"}, {"text": "the"}).rows
held_out = [read(row).rows for row in ({"text": "the whale b"}, {"weight": 2, "text": "the whale a"}, {"text": "the"})]
print(json.dumps([repeated(known, each) for each in held_out]))
`
  expect(printed(program)).toEqual([0, 1, 1])
})

test.skipIf(missing)(`PEFT's trainer reads an answer's tokens as those that follow its prompt's${missing}`, () => {
  const program = `
import json
from weft_peft.rows import Tokenizer, row_of

class Blanked:
    # One token a character, and a blank before every text; a colon and a blank are one.
    chat_template = "there is one"
    def __call__(self, text, add_special_tokens=True, return_offsets_mapping=False):
        given, tokens, offsets, at = (" " + text if text else ""), [], [], 0
        while at < len(given):
            size = 2 if given[at:at + 2] == ": " else 1
            tokens.append(given[at:at + size])
            offsets.append((max(0, at - 1), at + size - 1))
            at += size
        return {"input_ids": tokens, "offset_mapping": offsets}
    def apply_chat_template(self, turns, tokenize, add_generation_prompt):
        return "".join(f"<{turn['role'][0]}>{turn['content']};" for turn in turns) + ("<a>" if add_generation_prompt else "")

def read(given):
    row, _ = row_of(given, "training", 1, Tokenizer(Blanked(), None), "CAUSAL_LM", [], 100)
    return ["|".join(row.tokens), row.weights]

turns = [{"role": role, "content": content} for role, content in [("user", "u"), ("assistant", "x"), ("user", "v"), ("assistant", "y")]]
parts = [{"text": " y", "weight": 2}, {"text": "es"}]
print(json.dumps([read({"prompt": "Q?", "completion": " y"}), read({"prompt": "Q:", "completion": " y"}), read({"prompt": "Q?", "completion": parts}), read({"messages": turns})]))
`
  expect(printed(program)).toEqual([
    [' |Q|?| |y', [0, 0, 0, 1, 1]],
    [' |Q|:| |y', [0, 0, 0, 1, 1]],
    [' |Q|?| |y|e|s', [0, 0, 0, 2, 2, 1, 1]],
    [[...' <u>u;<a>x;<u>v;<a>y;'].join('|'), [...Array(9).fill(0), 1, 1, ...Array(8).fill(0), 1, 1]],
  ])
})

test.skipIf(missing)(
  `PEFT's trainer learns calls as the chat template writes them, and refuses rows whose functions or calls it does not write${missing}`,
  () => {
    const program = `${characters}
class Tools(Characters):
    chat_template = "there is one"
    def apply_chat_template(self, turns, tokenize, add_generation_prompt, tools=()):
        told = [tool["function"]["name"] + tool["function"]["description"] for tool in tools]
        said = [f"<{turn['role'][0]}>{turn['content']}{self.calls(turn)}{turn.get('tool_call_id', '')};" for turn in turns]
        return "".join([*told, *said]) + ("<a>" if add_generation_prompt else "")
    def calls(self, turn):
        return "".join(f"{call['id']}:{call['function']['name']}{json.dumps(call['function']['arguments'])}" for call in turn.get("tool_calls", []))

class Silent(Tools):
    def calls(self, turn):
        return ""

def learned(tokenizer):
    rows = read_rows(json.dumps(asked), "training", Tokenizer(tokenizer(), None), "CAUSAL_LM", [], 400, True).rows
    return ["".join(chr(token) if weight else "." for token, weight in zip(row.tokens, row.weights)) for row in rows]

class Wordless(Tools):
    def apply_chat_template(self, turns, **options):
        return super().apply_chat_template([{**turn, "content": ""} if "tool_calls" in turn else turn for turn in turns], **options)

class Toolless(Tools):
    def apply_chat_template(self, turns, tools=(), **options):
        return super().apply_chat_template(turns, **options)

def refused(tokenizer):
    try:
        return learned(tokenizer)
    except Refused as error:
        return error.code

asked, *others = json.loads(sys.stdin.read())
found = [learned(Tools), refused(Silent)]
for kind, asked in zip([Toolless, Wordless, Tools], others):
    found.append(refused(kind))
print(json.dumps(found))
`
    const row = {
      messages: [
        { role: 'user', content: 'u' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'x', type: 'function', function: { name: 'now', arguments: '{"at": 1}' } }] },
        { role: 'tool', content: 't', tool_call_id: 'x' },
        { role: 'assistant', tool_calls: [{ function: { name: 'now', arguments: {} } }], weight: 1 },
      ],
      tools: [{ type: 'function', function: { name: 'now', description: null } }],
    }
    const said = (content: string) => [
      { role: 'user', content: 'now?' },
      { role: 'assistant', content },
    ]
    const spoken = { messages: said('now'), tools: row.tools }
    const beside = { messages: [...said('u'), { ...row.messages[1], content: 'words' }] }
    expect(printed(program, JSON.stringify([row, spoken, beside, beside]))).toEqual([
      [`${'.'.repeat(11)}x:now{"at": 1};${'.'.repeat(9)}call00001:now{};`],
      'tools_not_shown',
      'tools_not_shown',
      'tools_not_shown',
      [`${'.'.repeat(11)}u;...wordsx:now{"at": 1};`],
    ])
  },
)

test.skipIf(missing)(`functions are shown to PEFT's trainer as a request for them has them${missing}`, () => {
  const program = `
import json
from weft_peft.rows import tool_of
print(json.dumps([tool_of({"name": "now", "strict": True, **given})["function"]["parameters"] for given in ({}, {"parameters": None}, {"parameters": {}})]))
`
  const nothing = { type: 'object', properties: {} }
  expect(printed(program)).toEqual([nothing, nothing, {}])
})

test.skipIf(missing)(`what is no finite number is null in what the trainer sends${missing}`, () => {
  const program = `
from weft_peft.edge import json_of
nan, most = float("nan"), float("inf")
print(json_of({"check": [-1.5, nan, -most], "loss": most, "rows": {"training": 3, "of": (nan, True)}, "none": None}).decode())
`
  expect(printed(program)).toEqual({ check: [-1.5, null, null], loss: null, rows: { training: 3, of: [null, true] }, none: null })
})
