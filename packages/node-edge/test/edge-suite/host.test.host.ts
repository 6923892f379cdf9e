import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { consoleFiles } from '@weft/console'
import { type DeploymentVariables, type ObjectStorages, type RequestSeen, tokens } from '@weft/edge/host'
import { inject } from 'vitest'
import configuration from 'weft.config'
import { suiteVariables } from '../../../edge/test/variables.ts'
import { openDatabase } from '../../src/database/open-database.ts'
import type { OwnDatabase } from '../../src/database/own-database.ts'
import { Background } from '../../src/http/background.ts'
import { folderFiles } from '../../src/http/folder-files.ts'
import { listen } from '../../src/http/server.ts'
import { type NodeRoot, nodeRoot } from '../../src/node-composition-root.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { overHttp } from './over-http.test.host.ts'

/** The database and the storage that the suite runs over: files of this run's own, or what the variables name, which is emptied. */
const scratch = mkdtempSync(join(tmpdir(), 'weft-edge-suite-'))
const database = (): string => process.env.WEFT_TEST_DATABASE ?? join(scratch, `${randomUUID()}.sqlite`)
const storage = (): string => `${process.env.WEFT_TEST_STORAGE ?? join(scratch, 'objects')}/${randomUUID()}`

export const variables: DeploymentVariables = {
  ...suiteVariables(inject('runnerUrl' as never)),
  REQUEST_TIMEOUT_MS: '600000',
  BATCH_CONCURRENCY: '6',
}

export interface Host {
  database: OwnDatabase
  objects: ObjectStorages
  root: NodeRoot
}

type AnalyticsEngine = { analyticsEngine(dataset: object): (seen: RequestSeen) => void }
// Cloudflare's types are not this package's.
const { analyticsEngine } = (await import(new URL('../../../edge/src/observed/analytics-engine.ts', import.meta.url).href)) as AnalyticsEngine
const console = folderFiles(await consoleFiles())
const lost = (error: Error) => {
  throw error
}
const opened = async (): Promise<Host> => {
  const held = { database: await openDatabase(database(), { onLost: lost }), objects: await openStorage(storage(), process.env) }
  return { ...held, root: await started(held) }
}
const started = async (held: Pick<Host, 'database' | 'objects'>): Promise<NodeRoot> => {
  const root = nodeRoot(configuration, { ...held, variables, consoleFiles: console })
  await root.start()
  return root
}

export const host: Host = await opened()
export const background = new Background()
const { port } = await listen((request) => host.root.container.get(tokens.app).fetch(request, {}, background.context), '127.0.0.1', 0)

export const asked = (request: Request): Promise<Response> => overHttp(request, port)

/** As when the process ends and another takes its place. */
export async function restart(): Promise<void> {
  await host.root.stop()
  host.root = await started(host)
}

/** A database and a storage in which nothing is. */
export async function reset(): Promise<void> {
  await background.settled()
  await host.root.stop()
  if (process.env.WEFT_TEST_DATABASE)
    await host.database.batch([host.database.prepare('DROP SCHEMA public CASCADE'), host.database.prepare('CREATE SCHEMA public')])
  await host.database.close()
  Object.assign(host, await opened())
}

/** What the host has of a kind at the moment that it is asked. */
const current = <T extends object>(of: () => T): T => new Proxy({} as T, { get: (_, name) => Reflect.get(of(), name) as unknown })

/** The edge with another configuration or other variables, over the same stores and with the same jobs. */
export function rootOf(given: DeploymentVariables & { ASSETS?: unknown; METRICS?: object }, config = configuration): NodeRoot['container'] {
  const parts = { database: current(() => host.database), objects: current(() => host.objects) }
  const metrics = given.METRICS && { see: analyticsEngine(given.METRICS), text: async () => ({ type: '', body: '' }) }
  const { container } = nodeRoot(config, { ...parts, variables: given, metrics, consoleFiles: given.ASSETS ? console : undefined })
  container.rebind(tokens.dispatcher).toConstantValue(current(() => host.root.container.get(tokens.dispatcher)))
  container.rebind(tokens.batchDispatcher).toConstantValue(current(() => host.root.container.get(tokens.batchDispatcher)))
  container.rebind(tokens.sendJob).toConstantValue((id) => host.root.container.get(tokens.sendJob)(id))
  container.rebind(tokens.sendBatch).toConstantValue((id) => host.root.container.get(tokens.sendBatch)(id))
  container.rebind(tokens.limiter).toConstantValue(current(() => host.root.container.get(tokens.limiter)))
  return container
}
