import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { readTrainingRows } from './reader.ts'

const python = 'python3'
const missing = spawnSync(python, ['--version']).status === 0 ? '' : ` (skipped: there is no ${python})`

/** What a file is refused with, and the rows that the program in the message makes of it. */
async function mended(content: string) {
  const { code, message } = (await readTrainingRows(content).then(
    () => undefined,
    (reason) => reason,
  )) as { code: string; message: string }
  const program = /python3 -c '(.*)' < FILE/.exec(message)![1]!
  const { stdout } = spawnSync(python, ['-c', program], { input: content, encoding: 'utf8' })
  return { code, message, rows: (await readTrainingRows(stdout)).rows.map(({ row }) => row) }
}

const chat = (...said: [role: string, content: string][]) => ({ kind: 'messages', messages: said.map(([role, content]) => ({ role, content })) })

test.skipIf(missing)(`rows of Alpaca's are said to be that, and become chats${missing}`, async () => {
  const content = [
    { instruction: 'Translate.', input: "It's late.", output: 'Es ist spät.' },
    { instruction: 'Name a colour.', input: '', output: 'Red.' },
  ]
  const { code, message, rows } = await mended(content.map((row) => JSON.stringify(row)).join('\n'))
  expect([code, message]).toEqual(['training_file_keys', expect.stringContaining("line 1: it looks like Alpaca's form. This writes them: ")])
  expect(rows).toEqual([chat(['user', "Translate.\n\nIt's late."], ['assistant', 'Es ist spät.']), chat(['user', 'Name a colour.'], ['assistant', 'Red.'])])
})

test.skipIf(missing)(`so are ShareGPT's${missing}`, async () => {
  const conversations = [
    { from: 'system', value: 'Be brief.' },
    { from: 'human', value: 'Hi' },
    { from: 'gpt', value: 'Yes?' },
  ]
  const { message, rows } = await mended(JSON.stringify({ id: 'a', conversations }))
  expect(message).toContain("it looks like ShareGPT's form")
  expect(rows).toEqual([chat(['system', 'Be brief.'], ['user', 'Hi'], ['assistant', 'Yes?'])])
})

test.skipIf(missing)(`blank lines, a byte order mark, and turns that are called as ours are no hindrance${missing}`, async () => {
  const said = [{ role: 'assistant', content: 'Yes?' }]
  const [first, second] = [{ conversations: [{ role: 'user', content: 'Hi' }, ...said] }, { conversations: said }].map((row) => JSON.stringify(row))
  const { rows } = await mended(`\ufeff${first}\r\n\n${second}\n \n`)
  expect(rows).toEqual([chat(['user', 'Hi'], ['assistant', 'Yes?']), chat(['assistant', 'Yes?'])])
})

test.skipIf(missing)(`what makes lines of a list, and what makes chats of lines, write into files of their own${missing}`, async () => {
  const list = await mended(JSON.stringify([{ text: 'a' }]))
  const rows = await mended(JSON.stringify({ instruction: 'Name a colour.', output: 'Red.' }))
  expect([list.message, rows.message].map((message) => /> (\S+\.jsonl)/.exec(message)![1])).toEqual(['rows.jsonl', 'chats.jsonl'])
})

test.skipIf(missing).each([undefined, 2])(`a list of rows is said to be one, in one line or in many, and becomes lines${missing} (%s)`, async (indent) => {
  const rows = [{ text: 'a' }, { text: 'b' }]
  const found = await mended(`\ufeff${JSON.stringify(rows, null, indent)}`)
  expect([found.code, found.message]).toEqual(['training_file_malformed', expect.stringContaining('it is a list of rows; expected an object in each line')])
  expect(found.rows).toEqual(rows.map((row) => ({ kind: 'text', ...row })))
})

test('a line that is a list of something else is told as it is', async () => {
  await expect(readTrainingRows('{"text": "a"}\n["b"]')).rejects.toThrow('line 2: expected a JSON object, got an array')
  await expect(readTrainingRows('[b]')).rejects.toThrow('it is not JSON')
})
