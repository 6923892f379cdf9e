import type { ServerType } from '@hono/node-server'
import { sweepUnansweredKeys, tokens } from '@weft/edge/host'
import type { WeftConfig } from '@weft/protocol'
import { bindStorage, requireUnowned } from './bind-storage.ts'
import { openDatabase } from './database/open-database.ts'
import { firstKey } from './first-key.ts'
import { Background } from './http/background.ts'
import { folderFiles } from './http/folder-files.ts'
import { OwnTurns } from './http/own-turns.ts'
import { drain, listen } from './http/server.ts'
import { edgeMetrics } from './metrics/edge-metrics.ts'
import { requireInPlace } from './moving/move-marks.ts'
import { withNamedRunners } from './named-runners.ts'
import { nodeRoot } from './node-composition-root.ts'
import { openStorage } from './storage/open-storage.ts'
import { checkSigningKey, deploymentVariables } from './variables.ts'

const sweepEveryMs = 60_000

export interface ServeOptions {
  config: WeftConfig
  host: string
  /** 0 for any that is free. */
  port: number
  /** A file for SQLite, or `postgres://…`. */
  database: string
  /** A folder, or `s3://bucket/prefix`. */
  storage: string
  /** Where `/metrics` is served, on the same host; absent for nowhere. */
  metricsPort?: number | undefined
  /** The console's built files. */
  consoleFolder?: string | undefined
  environment: NodeJS.ProcessEnv
  /** Hears the first key, once, where none was given. */
  onFirstKey(key: string): void
  /** The database is no longer this process's alone: it has to end. */
  onLost(error: Error): void
}

export interface Serving {
  port: number
  metricsPort?: number
  /** Takes nothing new, ends what is under way, for `limitMs` at most, and lets go of everything. Gives whether all ended. */
  stop(limitMs: number): Promise<boolean>
}

/** Starts the edge on Node. Every error is one of `errors.ts`, and leaves nothing behind that listens. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { host, port, environment, metricsPort, consoleFolder } = options
  const config = withNamedRunners(options.config, environment)
  const variables = deploymentVariables(environment, { host, runnerUrl: config.runner?.url })
  await checkSigningKey(variables)
  const objects = await openStorage(options.storage, environment)
  const database = await openDatabase(options.database, { onNew: () => requireUnowned(objects.mark, options), onLost: options.onLost })
  const servers: ServerType[] = []
  try {
    await requireInPlace(database, options.database)
    await bindStorage(database, objects.mark, options)
    // Not before: until here another process may be writing there.
    await objects.removePartial()
    await sweepUnansweredKeys(database)
    if (variables.API_KEY_SHA256 === undefined && variables.LOCAL_KEY === undefined) variables.API_KEY_SHA256 = await firstKey(database, options.onFirstKey)
    const metrics = metricsPort === undefined ? undefined : edgeMetrics()
    const consoleFiles = consoleFolder === undefined ? undefined : folderFiles(consoleFolder)
    let listening = port
    const url = (): string => `http://${reachable(host)}:${listening}`
    const root = nodeRoot(config, { database, objects, variables, consoleFiles, metrics, environment, url })
    const { container } = root
    const background = new Background()
    const app = container.get(tokens.app)
    const { ownTurn } = new OwnTurns()
    const edge = await listen((request) => app.fetch(request, { ownTurn }, background.context), host, port)
    servers.push(edge.server)
    listening = edge.port
    const scraped = metrics && (await listen(metricsOnly(metrics.text), host, metricsPort!, '--metrics-port'))
    if (scraped) servers.push(scraped.server)
    await root.start()
    const sweep = (): void => {
      const swept = [container.get(tokens.jobQueue).sweep(), container.get(tokens.batchQueue).sweep(), container.get(tokens.sweepResponses)()]
      for (const each of swept) background.context.waitUntil(each)
    }
    sweep()
    const sweeping = setInterval(sweep, sweepEveryMs)
    return {
      port: edge.port,
      ...(scraped && { metricsPort: scraped.port }),
      async stop(limitMs) {
        clearInterval(sweeping)
        const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), limitMs).unref())
        const hosted = Promise.race([root.stop().then(() => true), late])
        const ended = await Promise.all([drain(edge.server, limitMs), hosted])
        await Promise.race([background.settled(), late])
        scraped?.server.close()
        await database.close()
        return ended.every(Boolean)
      },
    }
  } catch (error) {
    for (const server of servers) server.close()
    await database.close()
    throw error
  }
}

/** An address of this machine by which its own processes reach what listens at another, or at all. */
const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host)

const metricsOnly =
  (text: () => Promise<{ type: string; body: string }>) =>
  async ({ url }: Request): Promise<Response> => {
    if (new URL(url).pathname !== '/metrics') return new Response('The metrics are at /metrics.\n', { status: 404 })
    const { type, body } = await text()
    return new Response(body, { headers: { 'content-type': type } })
  }
