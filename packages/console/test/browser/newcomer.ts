/**
 * A newcomer's clock: a fresh clone, the README's two commands, and the console in a real Chromium, until an answer of a composition is shown (5 minutes) and
 * until an adapter from a file of one's own has answered (15 minutes). Prints the seconds of each step.
 *
 * Usage: npx node packages/console/test/browser/newcomer.ts [--port 8787] [--cold] [--json]
 *   --cold   npm fetches every package anew, into a cache of its own
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { chromium, type Locator, type Page } from 'playwright-core'
import { findChromium } from './chromium.ts'

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8787' }, cold: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
})
const repository = fileURLToPath(new URL('../../../..', import.meta.url))
const bars = { composed: 5 * 60, own: 15 * 60 }
const composition = 'base + style/speech + 0.5*style/whale'

const folder = mkdtempSync(join(tmpdir(), 'weft-newcomer-'))
const clone = join(folder, 'weft')
/** A newcomer's shell: nothing of what runs this script is in it. */
const env: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|INIT_CWD|WEFT_)/i.test(name))),
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((part) => !part.endsWith(join('node_modules', '.bin')))
    .join(delimiter),
  ...(values.cold ? { npm_config_cache: join(folder, 'npm-cache') } : {}),
}

const steps: { step: string; seconds: number }[] = []
const began = performance.now()
const elapsed = (): number => (performance.now() - began) / 1000
const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const before = elapsed()
  const done = await work()
  steps.push({ step: name, seconds: elapsed() - before })
  if (!values.json) console.log(`${(elapsed() - before).toFixed(1).padStart(7)} s  ${name}`)
  return done
}

const run = promisify(execFile)

/** `npm start`, until it says where it answers and by which key; what it says is kept. */
const start = async (): Promise<{ child: ChildProcess; url: string; key: string }> => {
  const child = spawn('npm', ['start', '--', '--port', values.port], { cwd: clone, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const line of createInterface({ input: child.stdout! })) {
    said += `${line}\n`
    const [, url] = /^Weft answers at (\S+)/m.exec(said) ?? []
    const [, key] = /^Its key is (\S+)/m.exec(said) ?? []
    if (url && key) {
      // What it says later is read too, or it would wait.
      child.stdout!.resume()
      return { child, url, key }
    }
  }
  throw new Error(`npm start ended before it served:\n${said}`)
}

const ask = async (page: Page, expression: string, prompt: string): Promise<string> => {
  const variant = page.getByRole('article', { name: 'Variant 1' })
  await variant.getByLabel('Variant 1 as text').fill(expression)
  await page.getByLabel('Prompt, or the text to classify').fill(prompt)
  await page.getByLabel('Most tokens').fill('24')
  await page.getByRole('button', { name: 'Run' }).click()
  await variant.getByText(/ms in all/).waitFor({ timeout: 120_000 })
  return (await variant.locator('.answer-text').textContent()) ?? ''
}

/** The share of its runs of three words that stood in it before: of an answer that says one thing over and over, near 1. */
const repeated = (text: string): number => {
  const words = text.toLowerCase().match(/[\p{L}']+/gu) ?? []
  const runs = words.slice(2).map((_, i) => words.slice(i, i + 3).join(' '))
  return runs.length === 0 ? 0 : 1 - new Set(runs).size / runs.length
}

/** Looks at the playground again until it offers a name. */
const offered = async (page: Page, name: string): Promise<void> => {
  for (;;) {
    const options = page.getByRole('article', { name: 'Variant 1' }).getByLabel('Name', { exact: true }).locator('option')
    await options.first().waitFor({ state: 'attached' })
    if ((await options.allTextContents()).includes(name)) return
    await page.waitForTimeout(1000)
    await page.reload()
  }
}

/** Drops a file from outside the browser, as a mouse would. */
const drop = async (page: Page, field: Locator, file: string): Promise<void> => {
  await field.scrollIntoViewIfNeeded()
  const box = (await field.boundingBox())!
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files: [file], dragOperationsMask: 1 } }
  const session = await page.context().newCDPSession(page)
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, ...at })
  await session.detach()
}

/** A file of one's own: letters. */
const letters = (): string => {
  const file = join(folder, 'letters.jsonl')
  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday', 'today']
  const things = ['garden is green', 'house is quiet', 'sea is cold', 'town is loud', 'road is long', 'lamp is lit', 'bread is warm', 'clock has stopped']
  const rows = days.flatMap((day) => things.map((thing) => ({ text: `Dear Anna, your letter came on ${day}. The ${thing}, and I think of you. Yours, Tom` })))
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'))
  return file
}

let served: ChildProcess | undefined
const browser = await chromium.launch({ executablePath: findChromium() ?? 'chromium', args: ['--no-sandbox'] })
try {
  await step('git clone', () => run('git', ['clone', '--quiet', repository, clone], { env }))
  await step('npm ci', () => run('npm', ['ci'], { cwd: clone, env, maxBuffer: 2 ** 26 }))
  const { child, url, key } = await step('npm start, until it answers', start)
  served = child
  const page = await browser.newPage()
  page.setDefaultTimeout(60_000)
  await step('the console is open, and signed in', async () => {
    await page.goto(`${url}/console`)
    await page.getByLabel('API key').fill(key)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  })
  await step('an answer of the frozen model', () => ask(page, 'base', 'We'))
  await step('the adapters of the start are trained', () => offered(page, 'style/whale'))
  const composed = await step(`an answer of ${composition}`, () => ask(page, composition, 'We'))
  const toComposed = elapsed()
  await step('a file is dropped, and checked', async () => {
    await page.getByRole('link', { name: 'Train' }).click()
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
    await drop(page, page.getByLabel('Training file'), letters())
    await page.getByText('64 rows of texts; every line is good').waitFor()
  })
  await step('it is trained and published, with a verdict', async () => {
    await page.getByLabel('Name').fill('style/letters')
    await page.getByLabel('Method').selectOption('prefix-tuning')
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await page.getByRole('heading', { name: /^Verdict: / }).waitFor({ timeout: bars.own * 1000 })
  })
  const own = await step('an answer of base + style/letters', async () => {
    await page.getByRole('link', { name: 'Playground' }).click()
    await offered(page, 'style/letters')
    return ask(page, 'base + style/letters', 'Dear')
  })
  const toOwn = elapsed()
  mkdirSync(join(repository, 'packages/console/.weft/screenshots'), { recursive: true })
  await page.screenshot({ path: join(repository, 'packages/console/.weft/screenshots/newcomer.png'), fullPage: true })
  if (values.json) console.log(JSON.stringify({ steps, to_composed: toComposed, to_own: toOwn, bars, composed, composed_repeated: repeated(composed), own }))
  else {
    console.log(
      `\n${toComposed.toFixed(0)} s from the clone to a composed answer; the bar is ${bars.composed} s.\n    We${composed}\n    ${Math.round(100 * repeated(composed))} % of its runs of three words are repeats.`,
    )
    console.log(`${toOwn.toFixed(0)} s from the clone to an answer of one's own adapter; the bar is ${bars.own} s.\n    Dear${own}`)
  }
  if (toComposed > bars.composed || toOwn > bars.own) process.exitCode = 1
} finally {
  await browser.close()
  if (served) {
    const ended = new Promise((resolve) => served!.once('close', resolve))
    served.kill('SIGTERM')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}
