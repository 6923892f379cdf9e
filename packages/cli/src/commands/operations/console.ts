import { spawn } from 'node:child_process'
import { addressOf } from '@weft/client'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { outputOf } from '../../output/output.ts'

interface Options extends Connection {
  open: boolean
}

/** What opens an address in a person's browser, by platform. */
const openers: Partial<Record<NodeJS.Platform, [command: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
  linux: ['xdg-open'],
}

export const openConsole = (): Command =>
  connected(new Command('console'))
    .description("print the address of the edge's console, and open it in a browser")
    .option('--no-open', 'print it alone')
    .action(async (options: Options) => {
      // Only of an edge that answers.
      await clientOf(options).health()
      const url = addressOf(options.url, '/console').href
      outputOf(options).result({ url }, () => url)
      const [command, ...args] = openers[process.platform] ?? []
      if (!options.open || options.json || !process.stdout.isTTY || command === undefined) return
      // A machine without a browser has the address.
      spawn(command, [...args, url], { stdio: 'ignore', detached: true })
        .on('error', () => {})
        .unref()
    })
