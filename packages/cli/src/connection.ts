import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { WeftClient } from '@weft/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { stateMissing } from './errors.ts'
import { findKey, findState } from './launcher/local-key.ts'
import { lastUrlOf, runningOn } from './launcher/state-folder.ts'

export interface Connection {
  url: string
  /** Wins over the key of a state folder. */
  key?: string
  state?: string
  tenant?: string
  json?: boolean
}

const defaultUrl = 'http://127.0.0.1:8787'

/**
 * What a start says where commands would not find it from here: one with a state folder is found by that, wherever it listens, and has its key there. Nothing
 * where they need no telling.
 */
export const toldToCommands = (url: string, state?: string): string => {
  const isFound = state === undefined ? url === defaultUrl : resolve(state) === foundByCommands()
  return isFound ? '' : `\nOther commands are told where: export ${state === undefined ? `WEFT_URL=${url}` : `WEFT_STATE=${quotedForShell(resolve(state))}`}`
}

/** The state folder whose key a command sends that is told of none. */
const foundByCommands = (): string => (process.env.WEFT_STATE ? resolve(process.env.WEFT_STATE) : findState())

const quotedForShell = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)

const edgeUrl = (text: string): string => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new InvalidArgumentError(`expected a URL such as ${defaultUrl}.`)
  return text
}

/** A key travels in a header: one word of ASCII. */
export const apiKey = (text: string): string => {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new InvalidArgumentError(text === '' ? 'a key cannot be empty.' : 'expected one word of ASCII characters.')
  return text
}

/** Adds what every command that talks to the edge takes. */
export const connected = (command: Command): Command =>
  command
    .addOption(
      new Option('--url <url>', `where the edge listens (default: where the one of the state folder runs, else ${defaultUrl})`)
        .env('WEFT_URL')
        .argParser(edgeUrl),
    )
    .addOption(new Option('--key <key>', 'API key (default: that of the state folder, for an edge on this machine)').env('WEFT_API_KEY').argParser(apiKey))
    .addOption(new Option('--state <dir>', 'the state folder whose key it is (default: the nearest .weft)').env('WEFT_STATE'))
    .addOption(new Option('--tenant <name>', 'which tenant to act on, with a key that may act on any').env('WEFT_TENANT'))
    .option('--json', 'print JSON')
    .hook('preAction', (_, asked) => {
      const { url, key, state } = asked.opts<Partial<Connection>>()
      // Where both are said, nothing is looked for in the folder.
      const isRead = url === undefined || (key === undefined && isLoopback(url))
      if (isRead && state !== undefined && !existsSync(state)) throw stateMissing(state)
      if (url === undefined) asked.setOptionValueWithSource('url', runningUrl(state) ?? defaultUrl, 'default')
    })

/** Where the weft listens that runs on the state folder which a command means; undefined where none does. */
export const runningUrl = (state?: string): string | undefined => runningOn(findState(state)).url

/** Where the last weft of that folder listened, when none runs. */
export const stoppedUrl = (state?: string): string | undefined => (runningUrl(state) === undefined ? lastUrlOf(findState(state)) : undefined)

/** A client of the edge. A state folder's key is sent to this machine and nowhere else. */
export const clientOf = ({ url, key, state, tenant }: Connection): WeftClient => {
  const sent = key ?? (isLoopback(url) ? findKey(state) : undefined)
  return new WeftClient({ baseUrl: url, ...(sent === undefined ? {} : { apiKey: sent }), ...(tenant === undefined ? {} : { tenant }), onRetry: sayWait })
}

/** Shorter waits are over before anybody wonders. */
const noticedMs = 2000

/** Why nothing happens for a while; on stderr, where it is in no answer's way. */
const sayWait = (error: unknown, waitMs: number): void => {
  if (waitMs >= noticedMs) process.stderr.write(`weft: ${(error as Error).message} It is tried again in ${Math.round(waitMs / 1000)} s.\n`)
}

const isLoopback = (url: string): boolean => URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
