import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { compositionRoot, tokens } from './composition-root.ts'
import { readRunnerConfig } from './config.ts'
import { drain } from './drain.ts'

/** After the drain: how long what did not end in time may take to be broken off. */
const LAST_MS = 2_000

const config = await readRunnerConfig(process.argv.slice(2), process.env).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(2)
})
if ('help' in config) {
  process.stdout.write(`${config.help}\n`)
  process.exit(0)
}

const container = compositionRoot(config)
const logger = container.get(tokens.logger)
const stopping = container.get(tokens.stopping)
try {
  const device = container.get(tokens.device)
  logger.info({ device: device.name, reason: device.reason, runtime: container.get(tokens.runtime).version }, `device ${device.name}: ${device.reason}`)
} catch (error) {
  // As with a wrong argument: another start on this machine ends the same way.
  logger.fatal({ err: error }, (error as Error).message)
  process.exit(2)
}
const models = container.get(tokens.models)
const jobs = container.get(tokens.jobs)

const server = serve({ fetch: container.get(tokens.server).fetch, hostname: config.host, port: config.port })
server.once('error', (error) => {
  logger.fatal({ err: error, host: config.host, port: config.port }, `cannot listen: ${error.message}`)
  process.exit(1)
})
await once(server, 'listening')
logger.info(
  {
    url: `http://${config.host}:${(server.address() as AddressInfo).port}`,
    threads: config.threads,
    trainingThreads: config.trainingThreads,
    auth: config.token ? 'bearer' : 'loopback only',
  },
  'listening',
)
if (!config.token && !['127.0.0.1', '::1', 'localhost'].includes(config.host)) logger.warn('no WEFT_RUNNER_TOKEN: requests from other machines are refused')

const stop = async (signal: NodeJS.Signals | 'disconnect') => {
  // Asked twice, it ends at once.
  if (stopping.signal.aborted) process.exit(130)
  logger.info({ signal }, 'stopping')
  // Asked for new work, it says no from now on; it listens still, for whoever fetches what jobs have left.
  stopping.abort()
  const limitS = signal === 'disconnect' ? 0 : config.shutdownTimeout
  const drained = await drain({ places: container.get(tokens.places), jobs }, limitS * 1000)
  if (!drained) logger.warn({ requests: container.get(tokens.places).taken, seconds: limitS }, 'not everything under way has ended in time')
  setTimeout(() => process.exit(0), LAST_MS).unref()
  server.close()
  await jobs.close()
  await models.close()
  logger.info('stopped')
  process.exit(0)
}
process.on('SIGTERM', stop).on('SIGINT', stop)
// Started with a channel to its parent, it ends with that one, however that one ended.
process.on('disconnect', () => stop('disconnect'))
if (process.send && !process.connected) stop('disconnect')

await models.load()
