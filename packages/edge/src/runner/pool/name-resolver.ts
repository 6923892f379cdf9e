import { runnerProtocol } from '../../errors.ts'
import { nameNotResolved } from './errors.ts'

/** What a host name stands for now. Error 503 `runner_unavailable`. */
export type ResolveName = (host: string) => Promise<{ addresses: string[]; ttlMs: number }>

const defaultResolver = 'https://cloudflare-dns.com/dns-query'
const timeoutMs = 3000
/** Record types of DNS: IPv4 and IPv6 addresses. */
const types = { A: 1, AAAA: 28 } as const

interface DnsJson {
  Status?: number
  Answer?: { type?: number; data?: string; TTL?: number }[]
}

/**
 * DNS over HTTPS in the JSON form that Google and Cloudflare serve (`application/dns-json`): a Worker has no other way to see every address of a name.
 * @param resolver its URL
 */
export const dnsOverHttps =
  (resolver: string = defaultResolver): ResolveName =>
  async (host) => {
    const answers = await Promise.all((['A', 'AAAA'] as const).map((type) => query(resolver, host, type)))
    const found = answers.flat()
    // A name that stands for nothing has no record that says how long: as soon as may be, for a pool that comes back from none.
    const ttls = found.length === 0 ? [0] : found.map(({ ttlS }) => ttlS * 1000)
    return { addresses: found.map(({ address }) => address), ttlMs: Math.min(...ttls, 60_000) }
  }

async function query(resolver: string, host: string, type: keyof typeof types): Promise<{ address: string; ttlS: number }[]> {
  const url = new URL(resolver)
  url.searchParams.set('name', host)
  url.searchParams.set('type', type)
  let answer: DnsJson
  try {
    const response = await fetch(url, { headers: { accept: 'application/dns-json' }, signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) {
      // Nobody reads why, and until then it would hold one of the six connections that a Worker has.
      await response.body?.cancel()
      throw runnerProtocol(`the resolver answers ${response.status}`)
    }
    answer = await response.json()
  } catch (cause) {
    throw nameNotResolved(host, `${url.origin} did not answer (${(cause as Error).message})`)
  }
  // 3: there is no such name.
  if (answer.Status !== 0 && answer.Status !== 3) throw nameNotResolved(host, `${url.origin} answers with DNS status ${answer.Status}`)
  return (answer.Answer ?? []).flatMap(({ type: given, data, TTL = 0 }) => (given === types[type] && data !== undefined ? [{ address: data, ttlS: TTL }] : []))
}
