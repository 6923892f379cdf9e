import { WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectAccessible, type OpenConsole, openConsole } from './console.test.page.ts'

let it: OpenConsole
beforeAll(async () => {
  it = await openConsole()
  await it.go('compose')
})
afterAll(() => it.close())

const explain = async (expression: string): Promise<void> => {
  await it.page.getByLabel('Expression').fill(expression)
  await it.page.keyboard.press('Enter')
}

test('an expression that does not hold is refused in the words of the language', async () => {
  await explain('base + style/nothing')
  await it.page.getByRole('alert').getByText('style/nothing').waitFor()
})

test('what was refused is asked again as it stands, and is one step of the way back', async () => {
  const { page } = it
  await page.route('**/v1/compositions/explain', (route) =>
    route.fulfill({ status: 404, json: { error: { code: 'adapter_not_found', message: 'It is not there yet.' } } }),
  )
  await explain('base + style/short')
  await page.getByRole('alert').getByText('It is not there yet.').waitFor()
  await page.unroute('**/v1/compositions/explain')
  const steps = await page.evaluate(() => history.length)
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByRole('list', { name: 'Composition on the base model' }).waitFor()
  expect(await page.evaluate(() => history.length)).toBe(steps)
})

test('the diagram: order, sites, positions and the key', async () => {
  const { page } = it
  await explain('base + style/short + "Be brief." + 0.5*style/speech')
  const diagram = page.getByRole('list', { name: 'Composition on the base model' })
  await diagram.waitFor()
  const boxes = await diagram.getByRole('listitem').allTextContents()
  expect(boxes).toHaveLength(4)
  expect(boxes[0]).toContain("4 keys and values before every layer's own")
  expect(boxes[1]).toContain('positions 0 to 3 of the sequence')
  expect(boxes[2]).toContain('text, place 2 in the sequence')
  expect(boxes[3]).toContain("the request's own text")
  const terms = await page.getByRole('region', { name: 'Terms, in order' }).getByRole('row').allTextContents()
  expect(terms.slice(1).some((row) => row.includes('prefix-tuning0.5keyValue'))).toBe(true)
  const facts = await page.locator('.facts').textContent()
  expect(facts).toMatch(/Positions8 of \d+, and 1 text as long as its tokens/)
  expect(facts).toMatch(/Keysha256:[0-9a-f]{64}|Key[0-9a-f]{16,}/)
  expect(page.url()).toContain('model=')
})

test('the way back shows what was asked before, in the field too', async () => {
  const { page } = it
  const key = async (): Promise<string> => (await page.locator('.facts').textContent())!
  const before = await key()
  await explain('base + style/speech')
  await expect.poll(key).not.toBe(before)
  await page.goBack()
  await expect.poll(key).toBe(before)
  expect(await page.getByLabel('Expression').inputValue()).toBe('base + style/short + "Be brief." + 0.5*style/speech')
})

test('what auto(…) chooses is asked for its input, and shown with how like each operand it is', async () => {
  const { page } = it
  // Both were trained on the same texts, and operands that are asked the same cannot be told apart.
  const weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
  await weft.adapters.setProbes(
    'style/short@1',
    ['2 + 2 =', '17 - 9 =', '3 * 8 =', '40 / 5 =', '6 + 7 =', '12 * 12 ='].map((prompt) => ({ prompt })),
  )
  await explain('auto(style/speech, style/short)')
  await page.getByRole('alert').getByText('auto_needs_text').waitFor()
  await page.getByLabel('Input', { exact: true }).fill('My fellow citizens')
  await page.keyboard.press('Enter')
  const operands = page.getByRole('region', { name: /^Operands/ })
  await operands.waitFor()
  const rows = await operands.getByRole('row').allTextContents()
  expect(rows.slice(1).map((row) => row.replace(/-?\d.*/, ''))).toEqual(['style/speech', 'style/short'])
  await page.getByRole('list', { name: 'Composition on the base model' }).waitFor()
  expect(new URL(page.url()).searchParams.get('input')).toBe('My fellow citizens')
  await expectAccessible(page, 'compose-auto')
  await page.getByLabel('Input', { exact: true }).fill('')
})

test('the interference matrix, measured pair by pair, with its evidence', async () => {
  const { page } = it
  await explain('base + style/speech + style/short')
  await page.getByLabel('Inputs', { exact: true }).fill('My fellow citizens\nThe state of our union\nWe hold that every citizen is free')
  await page.getByRole('button', { name: 'Measure' }).click()
  const map = page.getByRole('region', { name: 'Heat map' })
  await map.waitFor({ timeout: 60_000 })
  const cells = await map.locator('td.numeric').allTextContents()
  expect(cells).toHaveLength(4)
  expect([cells[0], cells[3]]).toEqual(['–', '–'])
  expect(Number(cells[1])).toBeGreaterThan(0)
  const evidence = await page.getByRole('region', { name: 'Evidence, on 3 inputs' }).getByRole('row').allTextContents()
  expect(evidence).toHaveLength(3)
  expect(evidence[1]).toMatch(/My fellow|The state|We hold/)
  await expectAccessible(page, 'compose-interference')
})

test('a stack is settled: its jobs are followed together, paused, resumed, and measured beside the versions before', async () => {
  const { page } = it
  const weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
  for (const [name, word] of [
    ['settled/land', 'shepherd'],
    ['settled/sea', 'sailor'],
  ] as const) {
    const content = Array.from({ length: 40 }, (_, n) => JSON.stringify({ text: `The ${word} came home on day ${n}.` })).join('\n')
    const { id: trainingFile } = await weft.files.upload({ content, filename: `${word}.jsonl` })
    const method = { type: 'parallel-prefix', 'parallel-prefix': { numVirtualTokens: 2 } }
    await weft.jobs.wait((await weft.jobs.create({ model: 'base', trainingFile, suffix: name, method, hyperparameters: { maxSteps: 3 }, seed: 1 })).id)
  }
  await explain('experts(settled/land, settled/sea)')
  await page.getByText('experts: 1 × settled/land@1; 1 × settled/sea@1 meet at the output.').waitFor()
  const panel = page.getByRole('region', { name: 'Settle' })
  await panel.waitFor()
  await expectAccessible(page, 'compose-settle')
  await panel.getByLabel('Weight').fill('-1')
  await panel.getByText('-1 is out of bounds. Expected a number above 0, at most 500,000.').waitFor()
  expect(await panel.getByRole('button', { name: 'Settle' }).isDisabled()).toBe(true)
  await panel.getByLabel('Weight').fill('2')
  await panel.getByLabel('Steps').fill('24')
  await panel.getByRole('button', { name: 'Settle' }).click()
  await page.getByRole('heading', { name: 'Settling experts(settled/land@1, settled/sea@1)' }).waitFor()
  await page.getByRole('button', { name: 'Pause all' }).click()
  const jobs = page.getByRole('region', { name: 'Jobs, one for each adapter' })
  await jobs.getByRole('cell', { name: 'paused' }).first().waitFor()
  await expectAccessible(page, 'train-settlement')
  // What was learned would be lost: that is asked first.
  await page.getByRole('button', { name: 'Stop all' }).click()
  const question = page.getByRole('dialog', { name: 'Stop all of these jobs?' })
  await question.getByText('What was learned so far is lost').waitFor()
  await expectAccessible(page, 'settlement-stop')
  await question.getByRole('button', { name: 'Do not stop' }).click()
  await question.waitFor({ state: 'hidden' })
  expect(await jobs.getByRole('cell', { name: 'cancelled' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Resume all' }).click()
  await jobs.getByRole('link', { name: 'settled/land@2' }).waitFor({ timeout: 90_000 })
  await jobs.getByRole('link', { name: 'settled/sea@2' }).waitFor({ timeout: 90_000 })
  const rows = await jobs.getByRole('row').allTextContents()
  for (const row of rows.slice(1)) expect(row).toMatch(/succeeded24\/24[\d.]+ → [\d.]+/)
  expect(await page.getByRole('button', { name: 'Stop all' }).count()).toBe(0)
  const next = page.getByRole('region', { name: 'It is settled' })
  await next.getByText('experts(settled/land@2, settled/sea@2)').waitFor()
  await expectAccessible(page, 'settlement-done')
  const tryIt = new URL((await next.getByRole('link', { name: 'Try it' }).getAttribute('href'))!, page.url())
  expect([tryIt.pathname, tryIt.searchParams.get('model')]).toEqual(['/console/playground', 'experts(settled/land@2, settled/sea@2)'])
  await jobs.getByRole('link', { name: 'settled/land@2' }).click()
  await page.getByRole('cell', { name: 'the version before' }).waitFor()
  await page.getByRole('link', { name: 'experts(settled/land@1, settled/sea@1)' }).click()
  await jobs.waitFor()
  await it.go('compose')
}, 180_000)

test('calibration: how labels lean before and after', async () => {
  const { page } = it
  await explain('mail/spam + style/speech')
  const inputs = Array.from({ length: 24 }, (_, n) => (n % 2 ? `win a prize ${n}` : `lunch on Monday ${n}`))
  await page.getByLabel('Inputs to calibrate on').fill(inputs.slice(1).join('\n'))
  expect(await page.getByRole('button', { name: 'Calibrate' }).isDisabled()).toBe(true)
  await page.getByLabel('Inputs to calibrate on').fill(inputs.join('\n'))
  await page.getByRole('button', { name: 'Calibrate' }).click()
  const table = page.getByRole('region', { name: 'Mean probability of each label, before and after' })
  await table.waitFor({ timeout: 60_000 })
  const rows = await table.getByRole('row').allTextContents()
  expect(rows.slice(1).map((row) => row.replace(/\d.*/, ''))).toEqual(['ham', 'spam'])
  await expectAccessible(page, 'compose-calibration')
})

test('no script failed, and no other site was asked', () => {
  expect(it.complaints).toEqual([])
})
