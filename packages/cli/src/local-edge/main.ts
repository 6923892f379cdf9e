import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Miniflare } from 'miniflare'
import { frontOf } from './front.ts'
import { miniflareOptions } from './miniflare-options.ts'

/** Started by the launcher: the Worker under workerd on a loopback port. Its log is one JSON object a line on standard output. */
const { values } = parseArgs({ options: { port: { type: 'string' }, state: { type: 'string' }, deployment: { type: 'string' } } })
const { port, state, deployment } = values
if (!port || !state || !deployment) throw new Error('expected --port, --state and --deployment')

const onLog = (level: string, message: string): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message })}\n`)
}

const variables = JSON.parse(process.env.WEFT_EDGE_VARIABLES ?? '{}') as Record<string, string>
const miniflare = new Miniflare(miniflareOptions({ state, deployment, variables, onLog }))
const front = frontOf(() => miniflare.unsafeGetDirectURL())

let stopping = false
const stop = async (): Promise<void> => {
  if (stopping) process.exit(130)
  stopping = true
  front.close()
  await miniflare.dispose()
  process.exit(0)
}
process.on('SIGTERM', stop).on('SIGINT', stop)
// The launcher is gone, and nobody else would end this process.
process.on('disconnect', stop)

try {
  await miniflare.ready
  await once(front.listen(Number(port), '127.0.0.1'), 'listening')
  onLog('info', `listening on http://127.0.0.1:${port}`)
} catch (error) {
  if (!stopping) {
    onLog('error', `the edge did not start: ${(error as Error).message}`)
    process.exit(1)
  }
}
