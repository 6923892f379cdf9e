import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectAccessible, type OpenConsole, openConsole, screenshots } from './console.test.page.ts'

let it: OpenConsole
beforeAll(async () => {
  it = await openConsole({ key: null })
})
afterAll(async () => {
  await it.close()
  console.log(`screenshots: ${screenshots}`)
})

test("the server's address leads a browser to the console, which asks for a key", async () => {
  await it.page.goto(`${inject('url')}/`)
  await it.page.getByLabel('API key').waitFor()
  expect(it.page.url()).toBe(`${inject('url')}/console`)
  await expectAccessible(it.page, 'sign-in')
})

test('a key that is none is refused in the words of a form, and nothing is kept', async () => {
  await it.page.getByRole('button', { name: 'Sign in' }).click()
  expect(await it.page.getByRole('alert').textContent()).toContain('Type or paste an API key')
  await it.page.getByLabel('API key').fill('weft-wrong')
  await it.page.getByRole('button', { name: 'Sign in' }).click()
  const refused = it.page.getByRole('alert')
  await refused.getByText('This server does not know this key. Copy the whole key again').waitFor()
  expect(await refused.textContent()).not.toContain('Bearer')
  await it.page.getByLabel('API key').fill(`${inject('key')}\u200b`)
  await it.page.getByRole('button', { name: 'Sign in' }).click()
  await it.page.waitForTimeout(500)
  expect(await refused.textContent()).toContain('This server does not know this key. Copy the whole key again')
  expect(await it.page.evaluate(() => sessionStorage.length)).toBe(0)
})

test('by keyboard alone: sign in, past the navigation, to a page, whose heading has the focus', async () => {
  const { page } = it
  await page.getByLabel('API key').fill(inject('key'))
  await page.keyboard.press('Enter')
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  expect(page.url()).not.toContain(inject('key'))
  await page.getByRole('link', { name: 'Adapters' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Adapters' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
  expect(await page.title()).toBe('Adapters · Weft')
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Adapters' }).waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the page')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
  // From the place that was skipped to, and from the page.
  await page.goBack()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
})

test('the colours are chosen, and the choice stays', async () => {
  const { page } = it
  const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  await page.getByLabel('Colours').selectOption('Dark')
  const dark = await paper()
  await page.getByLabel('Colours').selectOption('Light')
  expect(await paper()).not.toBe(dark)
  await page.reload()
  expect(await page.getByLabel('Colours').inputValue()).toBe('light')
  await page.getByLabel('Colours').selectOption('As the system')
})

test('where the browser keeps nothing for the site, the key and the colours last as long as the page', async () => {
  const blocked = await openConsole({ key: null })
  await blocked.context.addInitScript(() => {
    for (const name of ['sessionStorage', 'localStorage'])
      Object.defineProperty(globalThis, name, {
        get() {
          throw new DOMException('Access is denied for this document.', 'SecurityError')
        },
      })
  })
  await blocked.go('')
  await blocked.page.getByLabel('API key').fill(inject('key'))
  await blocked.page.getByRole('button', { name: 'Sign in' }).click()
  await blocked.page.getByRole('navigation').first().waitFor()
  await blocked.page.getByRole('button', { name: 'Sign out' }).click()
  await blocked.page.getByLabel('API key').waitFor()
  expect(blocked.complaints).toEqual([])
  await blocked.close()
})

test('an address that no name is in still shows its page', async () => {
  const { page } = it
  await page.goto(`${inject('url')}/console/adapters/100%`)
  await page.getByRole('heading', { level: 1, name: '100%' }).waitFor()
  await page.getByRole('alert').waitFor()
})

test('an address that leads nowhere says so; signing out forgets the key', async () => {
  const { page } = it
  await page.goto(`${inject('url')}/console/nowhere`)
  await page.getByRole('heading', { name: 'No such page' }).waitFor()
  await expectAccessible(page, 'no-such-page')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('API key').waitFor()
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
})

test('no script failed, the policy refused nothing, and no other site was asked', () => {
  expect(it.complaints.filter((text) => !text.includes('401'))).toEqual([])
})
