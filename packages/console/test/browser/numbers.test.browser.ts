import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAccessible, type OpenConsole, openConsole } from './console.test.page.ts'

let it: OpenConsole
beforeAll(async () => {
  it = await openConsole()
})
afterAll(() => it.close())

/** Key by key, as a person types; what the field held is replaced. */
const type = async (field: Locator, text: string): Promise<void> => {
  await field.click()
  await it.page.keyboard.press('ControlOrMeta+a')
  await it.page.keyboard.press('Delete')
  await it.page.keyboard.type(text)
}
const typed = async (label: string, text: string): Promise<string> => {
  const field = it.page.getByLabel(label, { exact: true })
  await type(field, text)
  return field.inputValue()
}
const errorOf = (label: string): Promise<string> =>
  it.page.getByLabel(label, { exact: true }).evaluate((input) => {
    const described = (input.getAttribute('aria-describedby') ?? '').split(' ')
    return described.map((id) => document.getElementById(id)).find((each) => each?.className === 'field-error')?.textContent ?? ''
  })
const rows = Buffer.from(Array.from({ length: 12 }, (_, n) => JSON.stringify({ text: `a row ${n}` })).join('\n'))

test('a decimal is what was typed, and what is asked with', async () => {
  const { page } = it
  await it.go('playground')
  for (const [label, text] of [
    ['Temperature', '0.25'],
    ['Top p', '0.90'],
    ['Most tokens', '16'],
    ['Seed', '-12'],
  ] as const)
    expect(await typed(label, text), label).toBe(text)
  const [request] = await Promise.all([page.waitForRequest('**/v1/completions'), page.getByRole('button', { name: 'Run' }).click()])
  expect(request.postDataJSON()).toMatchObject({ temperature: 0.25, top_p: 0.9, max_tokens: 16, seed: -12 })
  await page.getByText(/ms in all/).waitFor()
})

test('a number that would be refused is told beside its field, and nothing is asked until it is mended', async () => {
  const { page } = it
  const run = page.getByRole('button', { name: 'Run' })
  for (const [label, text, error, good] of [
    ['Temperature', '3', '3 is out of bounds. Expected a number from 0 to 2.', '0.7'],
    ['Top p', '-1', '-1 is out of bounds. Expected a number from 0 to 1.', '1'],
    ['Seed', '1.5', '1.5 is not a whole number.', '7'],
    ['Temperature', '0,5', 'This is not a number. Expected a number from 0 to 2, with a point before decimals.', '0.5'],
  ] as const) {
    expect(await typed(label, text), label).toBe(text)
    expect(await errorOf(label)).toContain(error)
    expect(await run.isDisabled()).toBe(true)
    await page.getByText('Nothing is asked yet: a number above is wrong.').waitFor()
    if (label === 'Seed') await expectAccessible(page, 'playground-wrong-number')
    expect(await typed(label, good)).toBe(good)
    expect(await errorOf(label)).toBe('')
    expect(await run.isDisabled()).toBe(false)
  }
})

test('the weight and the steps of a settlement are what was typed', async () => {
  await it.go('compose?model=base%20%2B%20style%2Fspeech%20%2B%20style%2Fshort')
  expect(await typed('Weight', '0.05')).toBe('0.05')
  expect(await typed('Steps', '0')).toBe('0')
  expect(await errorOf('Steps')).toContain('0 is out of bounds')
  expect(await it.page.getByRole('button', { name: 'Settle' }).isDisabled()).toBe(true)
  expect(await typed('Steps', '64')).toBe('64')
  expect(await it.page.getByRole('button', { name: 'Settle' }).isDisabled()).toBe(false)
})

test('a hyperparameter out of its bounds is told beside its field, with why training waits; none is dropped', async () => {
  const { page } = it
  await it.go('train')
  const train = page.getByRole('button', { name: 'Train', exact: true })
  await page.getByText('Choose a training file to begin.').waitFor()
  await page.getByLabel('Training file').setInputFiles({ name: 'rows.jsonl', mimeType: 'application/jsonl', buffer: rows })
  await page.getByText(/^\d+ steps over about/).waitFor()
  for (const [label, text] of [
    ['batch_size', '0'],
    ['max_steps', '0'],
    ['n_epochs', '0'],
    ['max_length', '0'],
    ['learning_rate', '0'],
    ['n_epochs', '1e99'],
    ['n_epochs', '1.5'],
    ['patience', '-1'],
  ] as const) {
    expect(await typed(label, text), label).toBe(text)
    expect(await errorOf(label), `${label} ${text}`).toMatch(/Expected a/)
    expect(await train.isDisabled(), label).toBe(true)
    await page.getByText(`Mend what is wrong first. ${label}: `).waitFor()
    await typed(label, '')
    expect(await train.isDisabled(), label).toBe(false)
  }
  await typed('batch_size', '0')
  await expectAccessible(page, 'train-wrong-number')
  await typed('batch_size', '')
})

test("so is a number of the method's own; a list keeps what was typed", async () => {
  const { page } = it
  await page.getByLabel('Method').selectOption('lora')
  expect(await typed('r', '2000000')).toBe('2000000')
  expect(await errorOf('r')).toContain('Expected a whole number from 1 to')
  await page.getByText('Mend what is wrong first. r: ').waitFor()
  await typed('r', '')
  for (const text of ['[ "q_proj", "v_proj" ]', '0.05']) expect(await typed('target_modules', text)).toBe(text)
  // What is left out of a method is not kept for the next.
  await typed('r', '3')
  await page.getByLabel('Method').selectOption('ia3')
  await page.getByLabel('Method').selectOption('lora')
  expect(await page.getByLabel('r', { exact: true }).inputValue()).toBe('')
})

test('the numbers that were typed are those that a job is made with', async () => {
  const { page } = it
  await page.getByLabel('Method').selectOption('prefix-tuning')
  expect(await typed('num_virtual_tokens', '4')).toBe('4')
  expect(await typed('learning_rate', '0.001')).toBe('0.001')
  expect(await typed('max_steps', '2')).toBe('2')
  await page.getByLabel('Name').fill('console/typed')
  const [request] = await Promise.all([page.waitForRequest('**/v1/fine_tuning/jobs'), page.getByRole('button', { name: 'Train', exact: true }).click()])
  expect(request.postDataJSON()).toMatchObject({ hyperparameters: { learning_rate: 0.001, max_steps: 2 } })
  await page.getByRole('heading', { name: /console\/typed/ }).waitFor()
})

test('no script failed, and no other site was asked', () => {
  expect(it.complaints).toEqual([])
})
