import { WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectAccessible, type OpenConsole, openConsole } from './console.test.page.ts'

let it: OpenConsole
const weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
beforeAll(async () => {
  await weft.completions.create({ model: 'orator', prompt: 'We', maxTokens: 4 })
  it = await openConsole()
  await it.go('runners')
})
afterAll(() => it.close())

const number = async (name: string): Promise<string> => (await it.page.locator('.numbers div', { hasText: name }).locator('dd').first().textContent()) ?? ''

test('what is served, and what the runner does now', async () => {
  const { page } = it
  await page.getByText(/^It is ok, on cpu/).waitFor()
  const models = await page.getByRole('region', { name: 'Base models' }).getByRole('row').allTextContents()
  expect(models[1]).toContain('llama')
  await page.getByText('Requests running').waitFor()
  expect(await number('Requests running')).toBe('0')
  expect(await number('Cache occupied')).toMatch(/^\d+ %$/)
  expect(await number('Compositions held')).toMatch(/^\d+ \(\d+\.\d MB\)$/)
  expect(Number(await number('Sessions made'))).toBeGreaterThan(0)
  expect(await number('Training jobs')).toBe('0 running, 0 waiting')
})

test('each runner has a row: its health, its queue, its cache and its jobs', async () => {
  const { page } = it
  const table = page.getByRole('region', { name: 'Each runner' })
  const cell = async (title: string): Promise<string | null> => {
    const titles = await table.getByRole('columnheader').allTextContents()
    return table.getByRole('row').nth(1).getByRole('cell').nth(titles.indexOf(title)).textContent()
  }
  await expect.poll(() => cell('Cache occupied'), { timeout: 15_000 }).toMatch(/^\d+ %$/)
  expect(await table.getByRole('row').count()).toBe(2)
  expect(await cell('Runner')).toMatch(/^http:/)
  expect([await cell('Pool'), await cell('For'), await cell('Health')]).toEqual(['runners', 'inference, training', 'ok'])
  expect([await cell('Waiting'), await cell('Running'), await cell('Jobs')]).toEqual(['0', '0', '0 running, 0 waiting'])
})

test('it is live: a request is counted without loading the page again', async () => {
  const { page } = it
  const before = Number(await number('Answered'))
  await weft.completions.create({ model: 'base', prompt: 'We', maxTokens: 4 })
  await expect.poll(async () => Number(await number('Answered')), { timeout: 15_000 }).toBe(before + 1)
  await page.getByRole('img', { name: /^Requests: \d+ running, \d+ waiting$/ }).waitFor()
  await page.getByRole('img', { name: /^Tokens a second: \d/ }).waitFor()
})

test('tokens by tenant and route, and usage by day', async () => {
  const { page } = it
  const tenants = await page
    .getByRole('region', { name: /^Tokens by tenant and route/ })
    .getByRole('row')
    .allTextContents()
  expect(tenants.some((row) => /defaultorator\d+\d+/.test(row))).toBe(true)
  await expect
    .poll(
      async () => {
        const usage = page.getByRole('region', { name: /^Requests and tokens of default/ })
        return (await usage.count()) && (await usage.textContent())
      },
      { timeout: 30_000 },
    )
    .toMatch(/oratoranswer\d/)
  await page.getByText('Requests running').waitFor()
  await expectAccessible(page, 'runners')
})

test('answers that take longer than the time between two questions are shown', async () => {
  const slow = await openConsole()
  try {
    for (const path of ['runners', 'usage'])
      await slow.page.route(`**/v1/${path}`, async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 6000))
        await route.continue()
      })
    await slow.go('runners')
    await slow.page.getByRole('region', { name: 'Each runner' }).waitFor()
    await slow.page.getByRole('region', { name: /^Requests and tokens of default/ }).waitFor()
    await slow.page.unrouteAll({ behavior: 'ignoreErrors' })
  } finally {
    await slow.close()
  }
})

test('a key that is not the operator is told so, and sees the rest', async () => {
  const asker = await openConsole({ key: inject('askerKey') })
  try {
    await asker.go('runners')
    await asker.page.getByRole('alert').first().waitFor()
    await asker.page.getByRole('region', { name: 'Base models' }).waitFor()
  } finally {
    await asker.close()
  }
})

test('no script failed, and no other site was asked', () => {
  expect(it.complaints).toEqual([])
})
