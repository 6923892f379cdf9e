import { WeftClient } from '@weft/client'
import { type Command, Option } from 'commander'

export interface Connection {
  url: string
  key: string
  json?: boolean
}

const defaultUrl = 'http://127.0.0.1:8787'

/** Adds what every command that talks to the edge takes. */
export const connected = (command: Command): Command =>
  command
    .addOption(new Option('--url <url>', 'where the edge listens').env('WEFT_URL').default(defaultUrl))
    .addOption(new Option('--key <key>', 'API key').env('WEFT_API_KEY').default('weft-local'))
    .option('--json', 'print JSON')

export const clientOf = ({ url, key }: Connection): WeftClient => new WeftClient({ baseUrl: url, apiKey: key })
