import { WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectAccessible, type OpenConsole, openConsole } from './console.test.page.ts'

let it: OpenConsole
beforeAll(async () => {
  it = await openConsole()
  await it.go('routes')
})
afterAll(() => it.close())

const definition = {
  variants: [
    { name: 'main', composition: 'base + style/speech', weight: 3 },
    { name: 'canary', composition: 'base + style/short', weight: 1 },
  ],
  shadow: { composition: 'base', share: 0.25, tokens_per_day: 5000 },
  defaults: { temperature: 0.2, max_tokens: 4 },
  policy: { max_virtual_tokens: 64, deny: ['mail/*'] },
}

test('a route is made from its definition; what the edge refuses is told', async () => {
  const { page } = it
  await page.getByRole('region', { name: 'Routes' }).getByRole('link', { name: 'orator' }).waitFor()
  await page.getByLabel('Name').fill('speaker')
  await page.getByLabel('Definition').fill(JSON.stringify({ composition: 'base + style/nothing' }))
  await page.getByRole('button', { name: 'Make the route' }).click()
  await page.getByRole('alert').getByText('style/nothing').waitFor()
  await page.getByLabel('Definition').fill(JSON.stringify(definition))
  await page.getByRole('button', { name: 'Make the route' }).click()
  await page.getByRole('link', { name: 'speaker' }).waitFor()
  await expectAccessible(page, 'routes')
})

test('one route: split, shadow, defaults and policy', async () => {
  const { page } = it
  await page.getByRole('link', { name: 'speaker' }).click()
  const split = page.getByRole('region', { name: 'Split' })
  await split.waitFor()
  expect((await split.getByRole('row').allTextContents()).slice(1)).toEqual(['main75 %base + style/speech', 'canary25 %base + style/short'])
  await page.getByText('gets a copy of 25 % of the requests, 4 at once, at most 5,000 tokens a day.').waitFor()
  const settings = await page.getByRole('region', { name: 'Defaults and policy' }).getByRole('row').allTextContents()
  expect(settings.slice(1).sort()).toEqual(['defaultmax_tokens4', 'defaulttemperature0.2', 'policydeny["mail/*"]', 'policymax_virtual_tokens64'])
  await page.getByText('Nobody has asked it yet.').waitFor()
})

test('tokens and latency by variant, once it was asked', async () => {
  const { page } = it
  const weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
  for (let n = 0; n < 6; n++) await weft.completions.create({ model: 'speaker', prompt: 'We' })
  const table = page.getByRole('region', { name: /^Tokens and latency/ })
  await expect
    .poll(
      async () => {
        await page.getByRole('button', { name: 'Count again' }).click()
        return (await table.count()) && (await table.textContent())
      },
      { timeout: 20_000, interval: 500 },
    )
    .toMatch(/answers\d+0\d+\d+\d+ ms/)
  await expectAccessible(page, 'route')
})

test('a change makes the next version, and rolling back another', async () => {
  const { page } = it
  await page.getByLabel('Definition').fill(JSON.stringify({ composition: 'base + style/short' }))
  await page.getByRole('button', { name: 'Save as the next version' }).click()
  await page.getByText('version 2').waitFor()
  await page.getByRole('button', { name: 'Roll back to version 1' }).click()
  await page.getByText('version 3').waitFor()
  expect(await page.getByRole('region', { name: 'Split' }).getByRole('row').count()).toBe(3)
})

test('what was saved elsewhere meanwhile is not written over', async () => {
  const { page } = it
  const weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
  await weft.routes.put('shared', { composition: 'base' })
  await it.go('routes/shared')
  await page.getByLabel('Definition').fill(JSON.stringify({ composition: 'base', description: 'Of this page' }))
  await weft.routes.put('shared', { composition: 'base + style/speech' })
  await page.getByRole('button', { name: 'Save as the next version' }).click()
  await page.getByRole('alert').getByText('shared was changed meanwhile: version 2 is served, and this was begun from version 1.').waitFor()
  expect(await weft.routes.get('shared')).toMatchObject({ version: 2, composition: 'base + style/speech' })
  expect(await page.getByLabel('Definition').inputValue()).toContain('Of this page')
  await deleteRoute('shared')
  await page.getByRole('dialog').getByText('The route "shared" is at version 2 now').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click()
  await weft.routes.delete('shared')
  await page.getByRole('button', { name: 'Save as the next version' }).click()
  await page.getByRole('alert').getByText('shared was deleted meanwhile').waitFor()
})

test("a new route takes no other one's place", async () => {
  const { page } = it
  await it.go('routes')
  await page.getByLabel('Name').fill('speaker')
  await page.getByLabel('Definition').fill(JSON.stringify({ composition: 'base' }))
  await page.getByRole('button', { name: 'Make the route' }).click()
  await page.getByRole('alert').getByText('There is a route speaker already').waitFor()
  const weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
  expect((await weft.routes.get('speaker')).version).toBe(3)
  await page.getByRole('link', { name: 'speaker' }).click()
  await page.getByText('version 3').waitFor()
})

const deleteRoute = async (name: string): Promise<void> => {
  await it.page.getByRole('button', { name: 'Delete …' }).click()
  const dialog = it.page.getByRole('dialog', { name: `Delete ${name}?` })
  await dialog.getByRole('button', { name: `Delete ${name}` }).click()
}

test('a route is deleted, once that is confirmed', async () => {
  const { page } = it
  await page.getByRole('button', { name: 'Delete …' }).click()
  await expectAccessible(page, 'route-delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click()
  await deleteRoute('speaker')
  const routes = page.getByRole('region', { name: 'Routes' })
  await routes.getByRole('link', { name: 'orator' }).waitFor()
  expect(await routes.getByRole('link', { name: 'speaker' }).count()).toBe(0)
})

test('a route of the config stands beneath the one that covers it, and is not deleted here: the page says where', async () => {
  const { page } = it
  await page.getByRole('link', { name: 'orator' }).click()
  await page.getByText('version 1').waitFor()
  await deleteRoute('orator')
  await page.getByRole('link', { name: 'orator' }).click()
  await page.getByText("of the deployment's config").waitFor()
  await page.getByText("It comes from the deployment's config, weft.config.ts, and is deleted there.").waitFor()
  expect(await page.getByRole('button', { name: 'Delete …' }).count()).toBe(0)
  const weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
  await weft.routes.put('orator', { composition: 'base + style/speech', description: 'As a president would' })
})

test('no script failed, and no other site was asked', () => {
  expect(it.complaints).toEqual([])
})
