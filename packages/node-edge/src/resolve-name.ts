import { lookup } from 'node:dns/promises'
import { nameNotResolved, type ResolveName } from '@weft/edge/host'

/** The host does not say how long its answers hold; whoever asks waits this long at least. */
const ttlMs = 5000
/** What getaddrinfo says of a name that stands for nothing now, such as a service without a pod that is ready. */
const nothing = ['ENOTFOUND', 'ENODATA', 'EAI_NODATA', 'EAI_NONAME']

/** A name by the host's own resolver: its hosts file, its search domains, its name servers. Errors as `ResolveName`. */
export const resolveName =
  (look: (host: string, options: { all: true }) => Promise<{ address: string }[]> = lookup): ResolveName =>
  async (host) => {
    try {
      return { addresses: (await look(host, { all: true })).map(({ address }) => address), ttlMs }
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      if (nothing.includes(code)) return { addresses: [], ttlMs }
      throw nameNotResolved(host, `this machine's resolver says: ${message}`)
    }
  }
