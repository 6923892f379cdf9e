import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectAccessible, type OpenConsole, openConsole } from './console.test.page.ts'

let it: OpenConsole
const folder = mkdtempSync(join(tmpdir(), 'weft-train-'))
beforeAll(async () => {
  it = await openConsole()
  await it.go('train')
})
afterAll(async () => {
  await it.close()
  rmSync(folder, { recursive: true })
})

const lines = (rows: readonly object[]): Buffer => Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'))
const labelled = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? { text: `win prize ${i}`, label: 'spam' } : { text: `lunch at ${i}`, label: 'ham' }))
const give = (label: string, name: string, buffer: Buffer): Promise<void> =>
  it.page.getByLabel(label).setInputFiles({ name, mimeType: 'application/jsonl', buffer })

test('a file with bad lines: each with its number and what is wrong, and no training', async () => {
  const { page } = it
  const bad = ['{"text": "a good row"}', 'no json', '{"text": ""}', '{"txt": "x"}', '{"text": "another"}'].join('\n')
  await give('Training file', 'bad.jsonl', Buffer.from(bad))
  const check = page.getByRole('region', { name: 'Check of bad.jsonl' })
  await check.getByText('2 rows of texts; 3 bad lines').waitFor()
  const errors = await check.getByRole('row').allTextContents()
  expect(errors.slice(1).map((row) => row[0])).toEqual(['2', '3', '4'])
  expect(errors[1]).toContain('not JSON')
  expect(await page.getByRole('button', { name: 'Train', exact: true }).isDisabled()).toBe(true)
  await page.getByText('bad.jsonl cannot be trained on. It has 3 bad lines: mend what is listed').waitFor()
})

test('a file that is not UTF-8, or has no rows, is not called good', async () => {
  const { page } = it
  await give('Training file', 'latin1.jsonl', Buffer.from('{"text": "plain"}\n{"text": "caf\u00e9"}', 'latin1'))
  const check = page.getByRole('region', { name: 'Check of latin1.jsonl' })
  await check.getByText('1 row of texts; 1 bad line').waitFor()
  await check.getByRole('cell', { name: 'training file, line 2: it is not UTF-8' }).waitFor()
  await expectAccessible(page, 'train-latin1')
  await give('Training file', 'empty.jsonl', Buffer.from('\n'))
  await page.getByRole('region', { name: 'Check of empty.jsonl' }).getByText('empty.jsonl: no rows.').waitFor()
  await page.getByText('empty.jsonl cannot be trained on. It has no rows. Expected a line for each row').waitFor()
  expect(await page.getByRole('button', { name: 'Train', exact: true }).isDisabled()).toBe(true)
})

test('a file that was mended is chosen again, and checked again', async () => {
  const { page } = it
  const file = join(folder, 'mended.jsonl')
  const check = page.getByRole('region', { name: 'Check of mended.jsonl' })
  writeFileSync(file, '{"text": \n')
  await page.getByLabel('Training file').setInputFiles(file)
  await check.getByText('no good row; 1 bad line').waitFor()
  writeFileSync(file, '{"text": "a row that is whole"}\n'.repeat(2))
  await page.getByLabel('Training file').setInputFiles(file)
  await check.getByText('2 rows of texts; every line is good').waitFor()
  // A change that nobody showed to the page is not trained on.
  writeFileSync(file, '{"text": "another row"}\n'.repeat(30))
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('alert').getByText('The browser cannot read mended.jsonl').waitFor()
})

test('a folder is no training file, and says so', async () => {
  const { page } = it
  const field = page.getByLabel('Training file')
  await field.scrollIntoViewIfNeeded()
  const box = (await field.boundingBox())!
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files: [folder], dragOperationsMask: 1 } }
  const session = await page.context().newCDPSession(page)
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, ...at })
  await session.detach()
  await page.getByText(`${basename(folder)} cannot be trained on. The browser cannot read ${basename(folder)}: it is a folder`).waitFor()
})

test('of two files that are chosen one after another the last one counts, however long the first takes', async () => {
  const { page } = it
  await page.evaluate(() => {
    const read = Blob.prototype.arrayBuffer
    Blob.prototype.arrayBuffer = async function (this: File) {
      if (this.name === 'slow.jsonl') await new Promise((resolve) => setTimeout(resolve, 1000))
      return read.call(this)
    }
  })
  await give('Training file', 'slow.jsonl', lines(labelled))
  await give('Training file', 'quick.jsonl', lines(labelled))
  await page.getByRole('region', { name: 'Check of quick.jsonl' }).waitFor()
  await page.waitForTimeout(1500)
  expect(await page.getByRole('region', { name: 'Check of slow.jsonl' }).count()).toBe(0)
})

test('a good one: rows counted, labels balanced, the split told, and what it will take', async () => {
  const { page } = it
  await give('Training file', 'mails.jsonl', lines(labelled))
  const check = page.getByRole('region', { name: 'Check of mails.jsonl' })
  await check.getByText('60 rows of texts with a label; every line is good').waitFor()
  const rows = await check.getByRole('row').allTextContents()
  expect(rows.slice(1)).toEqual([expect.stringMatching(/^ham40.*67 %$/), expect.stringMatching(/^spam20.*33 %$/)])
  await check.getByText('54 rows are learned from, and 6 are set aside to measure on.').waitFor()
  await page.getByText(/^21 steps over about [\d,]+ tokens: about .+, as \d+ earlier jobs? took\.$/).waitFor()
})

test("a method's settings are a form of its schema, each with its meaning, its default and its bounds", async () => {
  const { page } = it
  await page.getByLabel('Method').selectOption('prefix-tuning')
  const tokens = page.getByLabel('num_virtual_tokens')
  expect(await tokens.getAttribute('placeholder')).toBe('20')
  await page.getByText('Positions that the adapter takes. More can say more, and cost context and rows to learn from. Default 20; 1 to 4096.').waitFor()
  expect(await page.getByLabel('prefix_init', { exact: true }).locator('option').allTextContents()).toEqual([
    'default',
    'vocab',
    'trainingText',
    'text',
    'random',
  ])
  expect(await page.getByLabel('prefix_projection').getAttribute('type')).toBe('checkbox')
  // How it is trained is the method's own, too.
  const rate = page.getByLabel('learning_rate', { exact: true })
  expect(await rate.getAttribute('placeholder')).toBe('0.01')
  await page.getByLabel('Method').selectOption('ia3')
  await page.getByLabel('target_modules').waitFor()
  expect(await rate.getAttribute('placeholder')).toBe('0.03')
  await page.getByLabel('Method').selectOption('prefix-tuning')
  await expectAccessible(page, 'train-new')
})

test('what the edge refuses is told in its words', async () => {
  const { page } = it
  await page.getByLabel('num_virtual_tokens').fill('4')
  await page.getByLabel('Name').fill('Console Refused!')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('alert').getByText(/name/).waitFor()
})

test('a job: live curves, events, and at its end the verdict beside its baselines', async () => {
  const { page } = it
  await page.getByLabel('Name').fill('console/kind')
  await page.getByLabel('max_steps').fill('12')
  await page.getByLabel('learning_rate').fill('0.02')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('heading', { name: /console\/kind/ }).waitFor()
  await page.getByRole('img', { name: /^Loss by step: training \d/ }).waitFor()
  await page.getByRole('heading', { name: /^Verdict: / }).waitFor({ timeout: 60_000 })
  const verdict = page.getByRole('region', { name: /^Verdict: / })
  const who = await verdict.getByRole('row').allTextContents()
  expect(who.slice(1).map((row) => row.replace(/[\d.–-].*/, ''))).toEqual(['console/kind@', 'always the commonest class', 'linear probe of the bare base'])
  await verdict.getByText('It rests on 54 training rows and 6 held-out rows').waitFor()
  await verdict.getByText(/The score rests on 6 held-out rows/).waitFor()
  await verdict.getByText(/a validation file of a hundred or more/).waitFor()
  await page.getByRole('region', { name: 'Events' }).getByText('Published as console/kind@1.').waitFor()
  await expectAccessible(page, 'train-verdict')
})

test('a job is paused, resumed and stopped', async () => {
  const { page } = it
  await page.getByRole('link', { name: 'All jobs' }).click()
  await page.getByRole('region', { name: 'Jobs, newest first' }).getByRole('link', { name: 'console/kind@1' }).waitFor()
  await give('Training file', 'long.jsonl', lines(labelled))
  await page.getByLabel('Name').fill('console/long')
  await page.getByLabel('max_steps').fill('100000')
  await page.getByLabel('patience').fill('0')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByText(/^running, step [1-9]/).waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText(/^paused/).waitFor()
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByText(/^running, step [1-9]/).waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Stop' }).click()
  const question = page.getByRole('dialog', { name: 'Stop the training of console/long?' })
  await question.getByText('What was learned so far is lost').waitFor()
  await question.getByRole('button', { name: 'Do not stop' }).click()
  await page.getByText(/^running, step [1-9]/).waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop for good' }).click()
  await page.getByText(/^cancelled/).waitFor()
  expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0)
  // The button that it was stopped by is gone: the focus is on the job's heading.
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/^console\/long/)
})

test('a job that is not there is asked for once', async () => {
  const { page } = it
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await it.go('train/ftjob-none')
  await page.getByRole('alert').waitFor()
  await page.waitForTimeout(2500)
  expect(asked.filter((path) => path === '/v1/fine_tuning/jobs/ftjob-none').length).toBeLessThanOrEqual(2)
})

test('what was refused of a job while it ran is not said of it once it has ended', async () => {
  const { page } = it
  const [ended] = (await new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') }).jobs.list({ limit: 1 })).data
  let status = 'running'
  await page.route(`**/v1/fine_tuning/jobs/${ended!.id}`, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...(await response.json()), status } })
  })
  await page.route('**/pause', (route) =>
    route.fulfill({ status: 409, json: { error: { message: 'It is being measured.', type: 'invalid_request_error', code: 'job_not_pausable', param: null } } }),
  )
  // It waits for events that do not come.
  await page.route('**/events*', () => {})
  await it.go(`train/${ended!.id}`)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('It is being measured.').waitFor()
  status = 'succeeded'
  await page.getByText(/^succeeded/).waitFor()
  expect(await page.getByText('It is being measured.').count()).toBe(0)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await it.go('train')
})

test('the list of jobs goes on by itself', async () => {
  const { page } = it
  const weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
  await it.go('train')
  const trainingFile = (await weft.files.upload({ content: labelled.map((row) => JSON.stringify(row)).join('\n') })).id
  await weft.jobs.create({ model: 'base', trainingFile, suffix: 'console/listed', hyperparameters: { maxSteps: 1 } })
  const row = page.getByRole('region', { name: 'Jobs, newest first' }).getByRole('row', { name: /^console\/listed/ })
  await row.getByText('succeeded').waitFor({ timeout: 60_000 })
})

test('who trains is chosen, with what is lost there, and the job names it', async () => {
  const { page } = it
  await it.go('train')
  const who = page.getByLabel('Trained by')
  await who.waitFor()
  expect(await who.locator('option').allTextContents()).toEqual(['a runner of Weft', 'cluster (PEFT, ray, not available now)'])
  const methods = (): Promise<string[]> => page.getByLabel('Method').locator('option').allTextContents()
  expect(await methods()).toContain('prompt-adapter')
  await page.getByLabel('Method').selectOption('parallel-prefix')
  await page.getByLabel('num_virtual_tokens', { exact: true }).fill('7')
  await who.selectOption('cluster')
  await page.getByText('The executor "cluster" at http://127.0.0.1:9 cannot be reached').waitFor()
  // PEFT has no counterpart of it.
  expect(await methods()).not.toContain('prompt-adapter')
  await page.getByText('What is otherwise at cluster').click()
  await page
    .getByText(/checkpoint/i)
    .first()
    .waitFor()
  await expectAccessible(page, 'train-elsewhere')
  await give('Training file', 'rows.jsonl', lines(labelled))
  // What was filled in is of the method that does not stand there any more, and is not sent.
  const asked: unknown[] = []
  await page.route('**/v1/fine_tuning/jobs', (route) => {
    asked.push(route.request().postDataJSON().method)
    return route.fulfill({ status: 400, json: { error: { code: 'invalid_request', message: 'Not this time.' } } })
  })
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByText('Not this time.').waitFor()
  await page.unroute('**/v1/fine_tuning/jobs')
  const other = await page.getByLabel('Method').inputValue()
  expect(asked).toEqual([{ type: other, [other]: {} }])
  await page.getByLabel('Method').selectOption('lora')
  await page.getByLabel('Name').fill('console/elsewhere')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('heading', { name: 'console/elsewhere lora, by cluster' }).waitFor()
  await page.getByRole('region', { name: 'Events' }).getByText('The executor "cluster" at http://127.0.0.1:9 cannot be reached').waitFor()
  // Nothing is kept there that it could go on from.
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop for good' }).click()
  await page.getByText(/^cancelled/).waitFor()
})

test('no script failed, and no other site was asked', () => {
  expect(it.complaints).toEqual([])
})
