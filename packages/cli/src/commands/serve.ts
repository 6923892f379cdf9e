import { join, resolve } from 'node:path'
import { consoleFiles } from '@weft/console'
import { Command, InvalidArgumentError, Option } from 'commander'
import { readConfiguration } from '../configuration.ts'
import { toldToCommands } from '../connection.ts'
import { defaultConfig, stateFolder } from '../launcher/project.ts'
import { whole } from '../numbers.ts'
import { outputOf } from '../output/output.ts'

/** Of none, everything would be listened on. */
const address = (text: string): string => {
  if (text.trim() === '') throw new InvalidArgumentError('expected an address, such as 127.0.0.1, or 0.0.0.0 for every one.')
  return text
}

interface Options {
  config: string
  host: string
  port: number
  database?: string
  storage?: string
  state?: string
  metricsPort?: number
  shutdownTimeout: number
  console: boolean
  json?: boolean
}

export const serve = (): Command =>
  new Command('serve')
    .description('start the edge on Node, without Cloudflare: a database, a storage, and a runner that is there already')
    .addOption(
      new Option('--database <where>', 'a file for SQLite, or postgres://user:password@host/name (default: serve/weft.sqlite in the state folder)').env(
        'WEFT_DATABASE',
      ),
    )
    .addOption(new Option('--storage <where>', 'a folder, or s3://bucket/prefix with AWS_* (default: serve/storage in the state folder)').env('WEFT_STORAGE'))
    .addOption(new Option('--state <dir>', "the state folder (default: the configuration's, or .weft)").env('WEFT_STATE'))
    .addOption(new Option('--host <address>', 'address to listen on').env('WEFT_HOST').argParser(address).default('127.0.0.1'))
    .addOption(new Option('--port <n>', 'port to listen on; 0 for any').env('WEFT_PORT').argParser(whole(0, 65535)).default(8787))
    .addOption(
      new Option('--metrics-port <n>', "port of the process's own /metrics, on the same address; 0 for any (default: none)")
        .env('WEFT_METRICS_PORT')
        .argParser(whole(0, 65535)),
    )
    .addOption(
      new Option('--shutdown-timeout <s>', 'seconds that requests may take to end after SIGTERM')
        .env('WEFT_SHUTDOWN_TIMEOUT')
        .argParser(whole(0, 3600))
        .default(25),
    )
    .addOption(new Option('--config <file>', 'models, plugins and routes').env('WEFT_CONFIG').default(defaultConfig))
    .option('--no-console', 'serve no pages at /console')
    .option('--json', 'say what happens as JSON lines')
    .action(async (options: Options) => {
      const output = outputOf(options)
      const say = (event: string, data: object, text: string): void => output.result({ event, ...data }, () => text)
      const config = await readConfiguration(resolve(options.config))
      const folder = join(stateFolder(options, config.storage), 'serve')
      const { serve: start } = await import('@weft/node-edge')

      let stopping: Promise<void> | undefined
      const lost = Promise.withResolvers<never>()
      // Heard below, once it serves.
      lost.promise.catch(() => {})
      const serving = await start({
        config,
        host: options.host,
        port: options.port,
        database: options.database ?? join(folder, 'weft.sqlite'),
        storage: options.storage ?? join(folder, 'storage'),
        metricsPort: options.metricsPort,
        ...(options.console ? { consoleFolder: await consoleFiles({ say: (line) => say('log', { line }, line) }) } : {}),
        environment: process.env,
        onFirstKey: (key) =>
          say(
            'first_key',
            { key },
            `The first key is ${key}\nIt is shown this once. It makes all others: npx weft keys create. Set API_KEY_SHA256 to have a key of your own.`,
          ),
        onLost: lost.reject,
      })
      const ended = Promise.withResolvers<void>()
      const stop = (): void => {
        // Asked twice, it ends at once.
        if (stopping) process.exit(130)
        say('stopping', {}, 'Stopping …')
        stopping = serving.stop(options.shutdownTimeout * 1000).then((all) => {
          say('stopped', { all_ended: all }, all ? 'Stopped.' : 'Stopped; not everything under way had ended.')
          ended.resolve()
        }, ended.reject)
      }
      process.on('SIGTERM', stop).on('SIGINT', stop)
      const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${serving.port}`
      say(
        'ready',
        { url, ...(serving.metricsPort === undefined ? {} : { metrics_port: serving.metricsPort }) },
        `Weft answers at ${url}. Ctrl-C stops it.${toldToCommands(url)}`,
      )
      try {
        await Promise.race([ended.promise, lost.promise])
      } catch (error) {
        // Once the error is told. What still listens and trains would go on, beside another process that has the database by now.
        setImmediate(() => process.exit())
        throw error
      }
      // What is left holds nothing of anybody's.
      process.exit(0)
    })
