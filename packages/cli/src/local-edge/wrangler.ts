import { spawn } from 'node:child_process'
import { root, wrangler } from '../launcher/project.ts'

/** Without these wrangler asks for updates, sends metrics, keeps a log of every run, and looks for a request's country, and prints that it could not. */
const quiet: NodeJS.ProcessEnv = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
  CI: '1',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
}

/** Runs wrangler to its end, without a word on the screen. @throws what `failed` makes of its output, unless it ends well */
export const runWrangler = async (args: readonly string[], failed: (output: string) => Error): Promise<void> => {
  const child = spawn(process.execPath, [wrangler, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...quiet } })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw failed(output)
}
