import { parseArgs } from 'node:util'
import { Miniflare } from 'miniflare'
import { miniflareOptions } from './miniflare-options.ts'

/** Started by the launcher: the Worker under workerd on a loopback port. Its log is one JSON object a line on standard output. */
const { values } = parseArgs({ options: { port: { type: 'string' }, state: { type: 'string' }, deployment: { type: 'string' } } })
const { port, state, deployment } = values
if (!port || !state || !deployment) throw new Error('expected --port, --state and --deployment')

const onLog = (level: string, message: string): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message })}\n`)
}

const variables = JSON.parse(process.env.WEFT_EDGE_VARIABLES ?? '{}') as Record<string, string>
const miniflare = new Miniflare(miniflareOptions({ port: Number(port), state, deployment, variables, onLog }))

let stopping = false
const stop = async (): Promise<void> => {
  if (stopping) process.exit(130)
  stopping = true
  await miniflare.dispose()
  process.exit(0)
}
process.on('SIGTERM', stop).on('SIGINT', stop)
// The launcher is gone, and nobody else would end this process.
process.on('disconnect', stop)

try {
  await miniflare.ready
  onLog('info', `listening on http://127.0.0.1:${port}`)
} catch (error) {
  if (!stopping) {
    onLog('error', `workerd did not start: ${(error as Error).message}`)
    process.exit(1)
  }
}
