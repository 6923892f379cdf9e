import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * Passes connections on to workerd, and tells it when a client has gone. workerd hears of a connection that is reset alone: one that is closed, as clients
 * close theirs when they leave, might still be read, and until something is written to it what was asked goes on. A client that closes its side is taken
 * for gone here, as Node's own server takes it.
 * @param address of workerd, which may be another one than before
 */
export const frontOf = (address: () => Promise<URL>): Server =>
  createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const gone = (): void => void client.destroy()
    client.on('error', gone)
    // Held until it can go somewhere.
    client.pause()
    address().then((url) => {
      if (!client.destroyed) passOn(client, url)
    }, gone)
  })

function passOn(client: Socket, { hostname: host, port }: URL): void {
  const worker = connect({ host, port: Number(port), noDelay: true })
  const left = (): void => void worker.resetAndDestroy()
  client.on('end', left).on('close', left)
  // Each error is followed by the close, and what came before it is still to be sent.
  worker.on('error', () => {}).on('close', () => client.destroySoon())
  client.pipe(worker, { end: false })
  worker.pipe(client)
}
