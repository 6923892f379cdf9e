import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings, type ServerType } from '@hono/node-server'
import { cannotListen, portTaken } from '../errors.ts'

type Fetch = (request: Request) => Response | Promise<Response>

/** Error `port_taken`, `cannot_listen`. @param port 0 for any that is free; gives the one that it is @param option by which it was chosen */
export async function listen(fetch: Fetch, host: string, port: number, option = '--port'): Promise<{ server: ServerType; port: number }> {
  const answer = async (request: Request, { incoming, outgoing }: HttpBindings): Promise<Response> => {
    const response = await fetch(request)
    // What was answered before all of it came ends its connection: the next request is not to be sent into it.
    if (!incoming.complete && !outgoing.headersSent) outgoing.setHeader('connection', 'close')
    return response
  }
  const server = createAdaptorServer({ fetch: answer as Parameters<typeof createAdaptorServer>[0]['fetch'], hostname: host, overrideGlobalObjects: false })
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? portTaken(host, port, option) : cannotListen(host, port, error)
  }
  return { server, port: (server.address() as AddressInfo).port }
}

/** Takes no new connection and ends those that rest; through once every answer has ended, or `limitMs` later, when the rest are cut. Gives whether all ended. */
export async function drain(server: ServerType, limitMs: number): Promise<boolean> {
  const closed = new Promise<boolean>((resolve) => server.close(() => resolve(true)))
  const rest = setInterval(() => 'closeIdleConnections' in server && server.closeIdleConnections(), 50)
  const limit = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => limit.resolve(false), limitMs)
  try {
    const ended = await Promise.race([closed, limit.promise])
    if (!ended && 'closeAllConnections' in server) server.closeAllConnections()
    return ended
  } finally {
    clearInterval(rest)
    clearTimeout(timer)
  }
}
