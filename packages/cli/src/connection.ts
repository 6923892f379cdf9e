import { resolve } from 'node:path'
import { WeftClient } from '@weft/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { findKey, findState } from './launcher/local-key.ts'

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
 * What a start says where it answers somewhere else than commands ask by themselves, or has its key in another state folder than the one they find from
 * here; nothing where they need no telling.
 */
export const toldToCommands = (url: string, state?: string): string => {
  const told = [
    ...(url === defaultUrl ? [] : [`WEFT_URL=${url}`]),
    ...(state === undefined || resolve(state) === foundByCommands() ? [] : [`WEFT_STATE=${quotedForShell(resolve(state))}`]),
  ]
  return told.length === 0 ? '' : `\nOther commands are told where: export ${told.join(' ')}`
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
    .addOption(new Option('--url <url>', 'where the edge listens').env('WEFT_URL').argParser(edgeUrl).default(defaultUrl))
    .addOption(new Option('--key <key>', 'API key (default: that of the state folder, for an edge on this machine)').env('WEFT_API_KEY').argParser(apiKey))
    .addOption(new Option('--state <dir>', 'the state folder whose key it is (default: the nearest .weft)').env('WEFT_STATE'))
    .addOption(new Option('--tenant <name>', 'which tenant to act on, with a key that may act on any').env('WEFT_TENANT'))
    .option('--json', 'print JSON')

/** A client of the edge. A state folder's key is sent to this machine and nowhere else. */
export const clientOf = ({ url, key, state, tenant }: Connection): WeftClient => {
  const sent = key ?? (isLoopback(url) ? findKey(state) : undefined)
  return new WeftClient({ baseUrl: url, ...(sent === undefined ? {} : { apiKey: sent }), ...(tenant === undefined ? {} : { tenant }) })
}

const isLoopback = (url: string): boolean => URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
