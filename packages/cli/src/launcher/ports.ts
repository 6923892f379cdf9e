import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { portTaken } from '../errors.ts'

const listen = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.unref()
    server.on('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as { port: number }
      server.close(() => resolve(taken))
    })
  })

/** Below the ports from which systems choose for outgoing connections: one of those could take a port before its server listens, or between two starts. */
const FIRST = 20_000
const COUNT = 12_000

/** A loopback port that nothing listens on, and that no outgoing connection will have. */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = await listen(FIRST + randomInt(COUNT)).catch(() => undefined)
    if (port !== undefined) return port
  }
  return await listen(0)
}

/** @throws CliError `port_taken`, which says whether it is a weft that holds it */
export const requireFreePort = async (port: number): Promise<void> => {
  try {
    await listen(port)
  } catch {
    const weft = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2000) }).then(
      async (response) => response.ok && typeof ((await response.json()) as { status?: unknown }).status === 'string',
      () => false,
    )
    throw portTaken(port, weft)
  }
}
