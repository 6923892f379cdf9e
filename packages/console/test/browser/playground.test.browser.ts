import { execFileSync } from 'node:child_process'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectAccessible, type OpenConsole, openConsole } from './console.test.page.ts'

let it: OpenConsole
beforeAll(async () => {
  it = await openConsole()
})
afterAll(() => it.close())

const variant = (n = 1): Locator => it.page.getByRole('article', { name: `Variant ${n}` })
const text = (n = 1): Locator => variant(n).getByLabel(`Variant ${n} as text`)
const chips = (n = 1): Promise<string[]> => variant(n).locator('.chip-label').allTextContents()
const ended = (n = 1): Promise<void> =>
  variant(n)
    .getByText(/ms in all/)
    .waitFor()

test('chips and text say the same, in both directions', async () => {
  await it.go('playground')
  await text().fill('base + 0.5*style/speech + "Answer briefly." + mix(0.5*style/speech, style/speech@1)')
  expect(await chips()).toEqual(['base', 'style/speech', '"Answer briefly."', 'mix(0.5*style/speech, style/speech@1)'])
  await variant().getByLabel('Strength of style/speech', { exact: true }).fill('0.25')
  expect(await text().inputValue()).toContain('base + 0.25*style/speech + ')
  await variant().getByRole('button', { name: 'Remove mix' }).click()
  await variant().getByRole('button', { name: 'Remove "Answer' }).click()
  expect(await text().inputValue()).toBe('base + 0.25*style/speech')
  await variant().getByLabel('Name', { exact: true }).selectOption('style/short')
  await variant().getByRole('button', { name: 'Add', exact: true }).click()
  await variant().getByLabel('Text', { exact: true }).fill('Be "kind".')
  await variant().getByRole('button', { name: 'Add text' }).click()
  expect(await text().inputValue()).toBe('base + 0.25*style/speech + style/short + "Be \\"kind\\"."')
  await expectAccessible(it.page, 'playground-chips')
})

test('a strength is moved by keyboard', async () => {
  await text().fill('base + style/speech')
  await variant().getByLabel('Strength of style/speech').focus()
  await it.page.keyboard.press('ArrowLeft')
  expect(await text().inputValue()).toBe('base + 0.95*style/speech')
})

test('by keyboard a name is added once it is the one that is meant, and not those before it in the list', async () => {
  await text().fill('base')
  await variant().getByLabel('Name', { exact: true }).focus()
  await it.page.keyboard.press('ArrowDown')
  await it.page.keyboard.press('ArrowDown')
  expect(await text().inputValue()).toBe('base')
  const meant = await variant().getByLabel('Name', { exact: true }).inputValue()
  await it.page.keyboard.press('Tab')
  await it.page.keyboard.press('Enter')
  expect(await text().inputValue()).toBe(`base + ${meant}`)
})

test('a text of any script is written and answered in its own direction', async () => {
  const { page } = it
  const directionOf = (place: Locator) => place.evaluate((element) => getComputedStyle(element).direction)
  const prompt = page.getByLabel('Prompt, or the text to classify')
  await page.route('**/v1/completions', (route) =>
    route.fulfill({
      contentType: 'text/event-stream',
      body: `data: ${JSON.stringify({ id: 'cmpl-1', object: 'text_completion', created: 0, model: 'base', choices: [{ index: 0, text: 'שלום עולם', finish_reason: 'stop', logprobs: null }] })}\n\ndata: [DONE]\n\n`,
    }),
  )
  await prompt.fill('מה שלומך')
  expect(await directionOf(prompt)).toBe('rtl')
  await page.getByRole('button', { name: 'Run' }).click()
  const answer = variant().getByText('שלום עולם')
  await answer.waitFor()
  expect(await directionOf(answer)).toBe('rtl')
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await it.go('playground')
})

test('what takes no strength has no slider', async () => {
  await text().fill('base + auto(style/speech, style/short)')
  expect(await chips()).toEqual(['base', 'auto(style/speech, style/short)'])
  expect(await variant().getByRole('slider').count()).toBe(0)
})

test('an error stands under its character, before anything is asked', async () => {
  await text().fill('base + 1e400*style/speech')
  expect(await variant().locator('pre').first().textContent()).toBe('base + 1e400*style/speech\n       ^')
  expect(await variant().getByRole('alert').textContent()).toContain('invalid_strength')
  await text().fill('base + + style/speech')
  expect(await variant().locator('pre').first().textContent()).toBe('base + + style/speech\n       ^')
  expect(await variant().getByRole('alert').textContent()).toContain('expression_syntax')
  expect(await text().getAttribute('aria-invalid')).toBe('true')
  await expectAccessible(it.page, 'playground-syntax-error')
})

test('what the edge does not know stands under its name, in its own words', async () => {
  await text().fill('base + style/spech')
  await it.page.getByRole('button', { name: 'Run' }).click()
  await variant().getByText('adapter_not_found').waitFor()
  expect(await variant().locator('pre').first().textContent()).toBe('base + style/spech\n       ^')
  expect(await variant().getByRole('alert').textContent()).toContain('style/speech')
})

test('four variants answer side by side, streamed, and nothing moves meanwhile', async () => {
  const { page } = it
  await text().fill('base')
  for (const expression of ['base + style/speech', 'orator', '0*style/speech']) {
    await page.getByRole('button', { name: 'Add a variant' }).click()
    const n = await page.getByRole('article').count()
    await text(n).fill(expression)
  }
  expect(await page.getByRole('button', { name: 'Add a variant' }).isDisabled()).toBe(true)
  await page.getByLabel('Most tokens').fill('24')
  // The likeliest tokens: of others a word may begin at the end of a line, and its beginning goes to the next line with it.
  await page.getByLabel('Temperature').fill('0')
  await page.evaluate(() => {
    const seen = { shift: 0, lengths: new Set<number>() }
    Object.assign(globalThis, { seen })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) seen.shift += entry.value
    }).observe({ type: 'layout-shift', buffered: false })
    new MutationObserver(() => seen.lengths.add(document.querySelectorAll('.token').length)).observe(document.querySelector('.variants')!, {
      childList: true,
      subtree: true,
    })
  })
  await page.getByRole('button', { name: 'Run' }).click()
  for (const n of [1, 2, 3, 4]) await ended(n)
  const { shift, lengths } = await page.evaluate(() => {
    const { seen } = globalThis as unknown as { seen: { shift: number; lengths: Set<number> } }
    return { shift: seen.shift, lengths: seen.lengths.size }
  })
  expect(lengths, 'tokens came one after another').toBeGreaterThan(4)
  expect(shift).toBe(0)
  const answers = await Promise.all([1, 2, 3, 4].map((n) => variant(n).locator('.answer-text').textContent()))
  expect(answers.every((answer) => answer !== '')).toBe(true)
  // The route is that composition, and a strength of 0 is the base model.
  expect(answers[2]).toBe(answers[1])
  expect(answers[3]).toBe(answers[0])
  await expectAccessible(page, 'playground-four-variants')
})

test('tokens have a colour by their probability, and a table for those who see none', async () => {
  const token = variant().locator('.token').first()
  expect(await token.getAttribute('class')).toMatch(/token-[0-4]/)
  expect(await token.getAttribute('title')).toMatch(/log-probability -?\d/)
  await variant().getByText('Log-probabilities as a table').click()
  const rows = variant().getByRole('table').getByRole('row')
  expect(await rows.count()).toBe((await variant().locator('.token').count()) + 1)
  expect(await rows.nth(1).textContent()).toMatch(/-?\d\.\d{3}.*%/)
  for (const row of await rows.all()) {
    const [token, , , others = ''] = await row.getByRole('cell').allTextContents()
    expect(
      others.split(', ').map((other) => other.replace(/ [\d.]+ %$/, '')),
      `others of ${token}`,
    ).not.toContain(token)
  }
  await it.page.getByLabel('Token log-probabilities').uncheck()
  await it.page.getByRole('button', { name: 'Run' }).click()
  await ended()
  await it.page.getByRole('button', { name: 'Run' }).waitFor()
  expect(await variant().locator('.token').count()).toBe(0)
  for (const n of [4, 3, 2]) await it.page.getByRole('button', { name: `Remove variant ${n}` }).click()
})

test('on a narrow screen the answer is brought into view', async () => {
  const { page } = it
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Run' }).click()
  await ended()
  const seen = (await variant().locator('.answer-facts').boundingBox())!
  expect(seen.y).toBeGreaterThan(0)
  expect(seen.y + seen.height).toBeLessThanOrEqual(844)
  await page.setViewportSize({ width: 1280, height: 900 })
})

test('an answer under way is stopped', async () => {
  await it.page.getByLabel('Most tokens').fill('400')
  await it.page.getByRole('button', { name: 'Run' }).click()
  await it.page.waitForFunction(() => document.querySelector('.answer-text')!.textContent !== '')
  await it.page.getByRole('button', { name: 'Stop' }).click()
  await variant().getByRole('status').getByText('Stopped before its end.').waitFor()
  await it.page.getByLabel('Most tokens').fill('8')
})

test('what failed is not said to be unasked', async () => {
  await text().fill('base + style/spech')
  await it.page.getByRole('button', { name: 'Run' }).click()
  await variant().getByRole('status').getByText('Failed before its end.').waitFor()
})

test('a variant that is added holds nothing of one that was removed', async () => {
  const { page } = it
  await text().fill('base')
  await page.getByRole('button', { name: 'Add a variant' }).click()
  await text(2).fill('base + style/speech')
  await page.getByRole('button', { name: 'Run' }).click()
  await ended(2)
  await page.getByRole('button', { name: 'Remove variant 2' }).click()
  await page.getByRole('button', { name: 'Add a variant' }).click()
  expect(await text(2).inputValue()).toBe('base')
  await variant(2).getByText('Not asked yet.').waitFor()
  expect(await variant(2).locator('.answer-text').textContent()).toBe('')
  await page.getByRole('button', { name: 'Remove variant 2' }).click()
})

test('a classifier is asked for labels and not for words', async () => {
  await text().fill('mail/spam')
  await variant().getByText('This is a classifier').waitFor()
  await it.page.getByLabel('Prompt, or the text to classify').fill('win a prize now')
  await it.page.getByRole('button', { name: 'Run' }).click()
  await ended()
  const labels = await variant().locator('.labels li').allTextContents()
  expect(labels.map((each) => each.replace(/\d.*/, '')).sort()).toEqual(['ham', 'spam'])
  // Its labels come all at once.
  expect(await variant().locator('.answer-facts').textContent()).not.toContain('first after')
  await expectAccessible(it.page, 'playground-classifier')
})

test('the request is given for curl, Python and TypeScript, without the key; and the line for curl works', async () => {
  await text().fill('base + 0.5*style/speech')
  const code = it.page.getByRole('tabpanel').locator('pre')
  const curl = (await code.textContent())!
  expect(curl).not.toContain(inject('key'))
  const answer = execFileSync('bash', ['-c', `${curl} -s`], { env: { ...process.env, WEFT_API_KEY: inject('key') }, encoding: 'utf8' })
  expect(JSON.parse(answer)).toMatchObject({ object: 'text_completion' })
  await it.page.getByRole('tab', { name: 'curl' }).focus()
  await it.page.keyboard.press('ArrowRight')
  expect(await code.textContent()).toContain('from openai import OpenAI')
  await it.page.keyboard.press('ArrowRight')
  expect(await code.textContent()).toContain('new WeftClient')
})

test('a chat is sent turn by turn, or refused in the words of the API where the model has no template', async () => {
  await it.page.getByLabel('Mode').selectOption('Chat')
  await it.page.getByLabel('Message', { exact: true }).fill('Hello')
  await it.page.getByRole('button', { name: 'Send' }).click()
  const refused = variant().getByRole('alert')
  await variant()
    .getByText(/ms in all|chat template/)
    .first()
    .waitFor()
  if ((await refused.count()) > 0) expect(await refused.textContent()).toContain('template')
  else {
    await it.page.getByLabel('Message', { exact: true }).fill('And you?')
    await it.page.getByRole('button', { name: 'Send' }).click()
    await it.page.waitForFunction(() => document.querySelectorAll('.turn').length === 3)
    await ended()
  }
  await expectAccessible(it.page, 'playground-chat')
})

test('the request of a chat has what was said before; a new chat stops the answer under way, and nothing of that comes into it', async () => {
  const { page } = it
  if ((await variant().locator('.turn').count()) === 0) return
  await page.getByRole('tab', { name: 'curl' }).click()
  const request = (await page.getByRole('tabpanel').locator('pre').textContent())!
  expect(request).toContain('"content":"Hello"')
  expect(request.match(/"role":"assistant"/g)).toHaveLength(2)
  await page.getByLabel('Most tokens').fill('400')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.waitForFunction(() => document.querySelectorAll('.token').length > 2 || document.querySelector('.answer-text')!.textContent!.length > 80)
  await page.getByRole('button', { name: 'Begin a new chat' }).click()
  await variant().getByText('Not asked yet.').waitFor()
  await page.waitForTimeout(500)
  expect(await variant().locator('.answer-text').textContent()).toBe('')
  expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(false)
})

test('no script failed, the policy refused nothing, and no other site was asked', () => {
  expect(it.complaints).toEqual([])
})
