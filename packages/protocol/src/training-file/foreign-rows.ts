/**
 * How a shell makes rows of a file. The program stands between apostrophes and so has none. The file that it writes is not one that another of these programs
 * wrote: a shell empties it before anything is read.
 */
const writes = (program: string, into: string): string => `This writes them: python3 -c 'import json; ${program}' < FILE > ${into}`
const eachLine = 'for r in map(json.loads, filter(str.strip, open(0, encoding="utf-8-sig")))'

const forms: readonly { name: string; has: readonly string[]; program: string }[] = [
  {
    name: "Alpaca's",
    has: ['instruction', 'output'],
    program: `[print(json.dumps({"messages": [{"role": "user", "content": "\\n\\n".join(t for t in (r["instruction"], r.get("input")) if t)}, {"role": "assistant", "content": r["output"]}]})) ${eachLine}]`,
  },
  {
    name: "ShareGPT's",
    has: ['conversations'],
    program: `role = {"human": "user", "gpt": "assistant"}; [print(json.dumps({"messages": [{"role": role.get(t["from"], t["from"]), "content": t["value"]} if "from" in t else t for t in r["conversations"]]})) ${eachLine}]`,
  },
]

/** How rows that other trainers take become ours; undefined for keys that are nobody's. What else such a row holds, only its owner can place. */
export function foreignRowInWords(keys: readonly string[]): string | undefined {
  const form = forms.find(({ has }) => has.every((key) => keys.includes(key)))
  return form && `it looks like ${form.name} form. ${writes(form.program, 'chats.jsonl')}`
}

/** What a file is whose first line begins a list, and how it becomes rows. */
export const listInWords = `it is a list of rows; expected an object in each line. ${writes('[print(json.dumps(r)) for r in json.load(open(0, encoding="utf-8-sig"))]', 'rows.jsonl')}`
