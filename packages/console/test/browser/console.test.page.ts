import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect, inject } from 'vitest'
import { findChromium } from './chromium.ts'

/** Where every run keeps what the pages looked like. */
export const screenshots = fileURLToPath(new URL('../../.weft/screenshots', import.meta.url))

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A browser with the console in it, and what it complained about. */
export interface OpenConsole {
  page: Page
  context: BrowserContext
  /** Errors of scripts, refusals of the content security policy, and addresses of other sites that were asked for. */
  complaints: string[]
  /** Goes to a page of the console: `adapters/style/speech`. */
  go(path: string): Promise<void>
  close(): Promise<void>
}

/** Opens the console, signed in with `key` unless it is null. */
export async function openConsole({ key = inject('key'), at = inject('url') }: { key?: string | null; at?: string } = {}): Promise<OpenConsole> {
  const browser: Browser = await chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox'] })
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })
  if (key !== null) await context.addInitScript((kept) => sessionStorage.setItem('weft-key', kept), key)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // A refusal that the page shows is not a fault of the page.
    if (message.type() === 'error' && !/the server responded with a status of 4/.test(message.text())) complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(at) && !request.url().startsWith('blob:')) complaints.push(`asked ${request.url()}`)
  })
  return {
    page,
    context,
    complaints,
    async go(path) {
      await page.goto(`${at}/console/${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
    },
    close: () => browser.close(),
  }
}

/** What axe finds wrong with the page as it stands. */
export async function violations(page: Page): Promise<string[]> {
  // The policy lets no script in but the page's own; axe is run by the debugger, which it does not bind.
  await page.evaluate(`${axe}; 0`)
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
  })
  return found.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes
        .map(({ html }) => html)
        .slice(0, 3)
        .join(' ')})`,
  )
}

/** In both themes, wide and at 360 px: nothing that axe finds, nothing that sticks out sideways; and a screenshot of each. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  const before = page.viewportSize()!
  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width, height: 900 })
      await page.screenshot({ path: join(screenshots, `${name}-${scheme}-${width}.png`), fullPage: true })
      expect(await violations(page), `${name}, ${scheme}, ${width} px`).toEqual([])
      const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(sticksOut, `${name} at ${width} px is wider than its window`).toBeLessThanOrEqual(0)
    }
  await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: null })
}
