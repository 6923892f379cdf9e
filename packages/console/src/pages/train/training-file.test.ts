import { readTrainingRows } from '@weft/protocol/training-file/reader'
import { expect, test } from 'vitest'
import { checkTrainingFile } from './training-file.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const refused = async (content: Uint8Array): Promise<boolean> => {
  try {
    await readTrainingRows(content)
    return false
  } catch {
    return true
  }
}

test('what is not UTF-8 is a bad line with its number', () => {
  const { rows, errors, refusal } = checkTrainingFile('latin1.jsonl', latin1('{"text": "plain"}\n{"text": "café"}\n'))
  expect(rows).toBe(1)
  expect(errors).toEqual([{ line: 2, message: 'training file, line 2: it is not UTF-8' }])
  expect(refusal).toBe('It has 1 bad line: mend what is listed, and choose the file again.')
})

test('a file without rows is told so, and what is expected', () => {
  for (const nothing of ['', '\n \n']) expect(checkTrainingFile('empty.jsonl', bytes(nothing)).refusal, JSON.stringify(nothing)).toMatch(/^It has no rows/)
})

test('it refuses what the edge refuses, and nothing else', async () => {
  const text = { text: 'a' }
  const files: [string, Uint8Array][] = [
    ['good', bytes(`${JSON.stringify(text)}\n\n${JSON.stringify(text)}`)],
    ['with a byte-order mark', bytes(`\ufeff${JSON.stringify(text)}`)],
    ['ended by carriage returns', bytes(`${JSON.stringify(text)}\r\n\r\n`)],
    ['empty', bytes('')],
    ['of two kinds', bytes('{"text": "a"}\n{"text": "a", "label": "b"}')],
    ['latin-1', latin1('{"text": "é"}')],
    ['a line too long', bytes(JSON.stringify({ text: 'a'.repeat(1024 * 1024) }))],
    ['a thousand labels and one', bytes(Array.from({ length: 1001 }, (_, n) => JSON.stringify({ text: 'a', label: `${n}` })).join('\n'))],
  ]
  for (const [name, content] of files) expect(checkTrainingFile(name, content).refusal !== undefined, name).toBe(await refused(content))
})
