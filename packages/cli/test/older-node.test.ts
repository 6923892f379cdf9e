import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { bin } from './typed.ts'

/** Before the command's own file runs, this Node says that it is an older one. */
const older = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })`

test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
  'a command that an older Node starts ends by %s as by itself',
  async (signal) => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const { npm_command: _, ...env } = process.env
      const child = spawn(process.execPath, ['--import', older, bin, 'gc', '--url', url, '--key', 'k'], { env })
      await once(server, 'request')
      child.kill(signal)
      expect(await once(child, 'exit')).toEqual([null, signal])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  },
)
