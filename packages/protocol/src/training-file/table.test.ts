import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { readTrainingRows } from './reader.ts'

const python = 'python3'
const missing = spawnSync(python, ['--version']).status === 0 ? '' : ` (skipped: there is no ${python})`
const refusal = async (content: string): Promise<string> => {
  const error = await readTrainingRows(content).then(
    () => undefined,
    (reason: { code: string; message: string }) => reason,
  )
  expect(error).toMatchObject({ code: 'training_file_malformed' })
  return error!.message
}

test.each([
  ['CSV', 'text,label\n"win, now",spam\nlunch?,ham\n'],
  ['CSV', '\ufefftext,label\r\n"win, now",spam\r\nlunch?,ham\r\n'],
  ['TSV', 'text\tlabel\r\nwin, now\tspam\r\nlunch?\tham\r\n'],
  ['CSV with semicolons', '"text";"label"\n"win, now";spam\nlunch?;ham\n'],
])(`%s is said to be that, and what is said to be run makes rows of it${missing}`, async (name, content) => {
  const message = await refusal(content)
  expect(message).toContain(`it looks like ${name} with the columns "text", "label"; rows are JSON, an object in each line.`)
  if (missing) return
  const program = /python3 -c '(.*)' < FILE/.exec(message)![1]!
  const { stdout } = spawnSync(python, ['-c', program], { input: content, encoding: 'utf8' })
  expect((await readTrainingRows(stdout)).rows.map(({ row }) => row)).toEqual([
    { kind: 'label', text: 'win, now', label: 'spam' },
    { kind: 'label', text: 'lunch?', label: 'ham' },
  ])
})

test('a key that has a byte order mark is shown with it, and what to do', async () => {
  await expect(readTrainingRows('{"\ufefftext": "a", "label": "x"}')).rejects.toMatchObject({
    code: 'training_file_keys',
    message: expect.stringMatching(/line 1: .*the key "\\ufefftext" has a character that is not seen.*a CSV .* is read as "utf-8-sig".*call it "text"/),
  })
  await expect(readTrainingRows('{"text": "a", "la\u200bbel": "x"}')).rejects.toMatchObject({ message: expect.stringContaining('"la\\u200bbel"') })
})

test.each(['Dear Anna, it has come. Yours\n', 'Dear Anna, the letter has come\n', 'text: hello\n', '{"text": "a", }\n', "{'text', 'label'}\n", '[1, 2\n'])(
  'another line that is no JSON is not: %j',
  async (content) => {
    expect(await refusal(content)).toContain('it is not JSON (')
  },
)
