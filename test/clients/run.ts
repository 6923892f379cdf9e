import { execFile } from 'node:child_process'
import { parseArgs } from 'node:util'
import { generatedTypescript, install, pythonPrograms } from './installed.ts'
import type { Weft } from './javascript/program.ts'
import { programs } from './javascript/programs.ts'
import { clientsFolder, serveForClients } from './serve.ts'

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, latest: { type: 'boolean', default: false }, help: { type: 'boolean' } } })
if (values.help) {
  console.log(
    'npm run test:clients [-- --only PART OF A NAME] [--latest]\n\nAsks a Weft of its own with every client. --latest takes the newest versions of those that are installed apart.',
  )
  process.exit(0)
}

/** What a client is called, and what it asks: throws with what went wrong. */
type Client = [name: string, ask: (weft: Weft) => Promise<void>]

/** A process that is told where Weft answers. */
const told =
  ([command, ...args]: readonly string[], cwd: string) =>
  async ({ baseURL, apiKey, model, encoder, style, classifier }: Weft): Promise<void> => {
    const env = {
      ...process.env,
      OPENAI_BASE_URL: baseURL,
      OPENAI_API_KEY: apiKey,
      WEFT_MODEL: model,
      WEFT_ENCODER: encoder,
      WEFT_STYLE: style,
      WEFT_CLASSIFIER: classifier,
      // As our own package is told.
      WEFT_URL: baseURL.replace(/\/v1$/, ''),
      WEFT_API_KEY: apiKey,
      // It comes with its own table of models, and need not fetch another.
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      PYTHONDONTWRITEBYTECODE: '1',
    }
    await new Promise<void>((resolve, reject) =>
      execFile(command!, args, { cwd, env, timeout: 300_000, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
        if (error) reject(new Error(`${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n') || error.message))
        else resolve()
      }),
    )
  }

const python = pythonPrograms()
const clients: Client[] = [
  ...Object.entries(programs),
  ...python.map(([name, command, folder]): Client => [name, told(command, folder)]),
  ['openapi-typescript', (weft) => generatedTypescript(weft, told)],
]
const chosen = clients.filter(([name]) => name.includes(values.only))
if (chosen.length === 0) {
  console.error(`No client is called "${values.only}"; there are ${clients.map(([name]) => name).join(', ')}.`)
  process.exit(2)
}

install(clientsFolder, { latest: values.latest })
const { weft, stop } = await serveForClients()
let failed = 0
try {
  for (const [name, ask] of chosen) {
    const began = performance.now()
    const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
    try {
      await ask(weft)
      console.log(`ok      ${name}  ${seconds()}`)
    } catch (error) {
      failed++
      console.log(`FAILED  ${name}  ${seconds()}\n${String((error as Error).stack ?? error).replace(/^/gm, '        ')}`)
    }
  }
} finally {
  await stop()
}
console.log(failed === 0 ? `All ${chosen.length} clients work.` : `${failed} of ${chosen.length} clients failed.`)
process.exitCode = failed === 0 ? 0 : 1
