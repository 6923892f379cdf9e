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

/** A loopback port that nothing listens on. */
export const freePort = (): Promise<number> => listen(0)

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
