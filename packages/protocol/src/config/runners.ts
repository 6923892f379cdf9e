import { invalidRunnersConfig } from '../errors.ts'
import { isHttpUrl, runnerAddress, strayPart } from './http-url.ts'

/** What a runner is asked for. */
export type RunnerWork = 'inference' | 'training'

/** Runners that are asked for the same work. */
export interface RunnerPoolConfig {
  /** Where they listen: `https://runner-1.example`. */
  urls?: readonly string[]
  /** Or one URL whose host name stands for many: every address that it resolves to is a runner. */
  dns?: string
  /** What they are asked for; both when absent. */
  for?: readonly RunnerWork[]
}

interface RunnersOptions {
  /** A DNS-over-HTTPS server with a JSON API; when absent, the host's own resolver, or Cloudflare's in a Worker, which has none. */
  resolver?: string
  /** What decides which runner a request goes to: its composition's key (the default), or nothing, which is there to measure against. */
  placing?: RunnerPlacing
}

export type RunnerPlacing = 'rendezvous' | 'random'

/**
 * Many runners: their addresses, a name that stands for many, or pools by name. Each is asked for the base models that it says it holds.
 */
export type RunnersConfig = readonly string[] | ({ dns: string } & RunnersOptions) | ({ pools: Readonly<Record<string, RunnerPoolConfig>> } & RunnersOptions)

const works: readonly RunnerWork[] = ['inference', 'training']
const options = ['resolver', 'placing']

/** Any form of `runners`, as pools by name. Error `runners_config_invalid`. */
export function runnerPools(runners: RunnersConfig): Record<string, RunnerPoolConfig> {
  const pools = poolsOf(runners)
  for (const [name, pool] of Object.entries(pools)) checkPool('pools' in runners ? `runners.pools.${name}` : 'runners', pool)
  if ('resolver' in runners && runners.resolver !== undefined) {
    if (!isHttpUrl(runners.resolver))
      throw invalidRunnersConfig(`runners.resolver: "${runners.resolver}" is no URL of a DNS-over-HTTPS server, such as "https://cloudflare-dns.com/dns-query"`)
    if (Object.values(pools).every(({ dns }) => dns === undefined))
      throw invalidRunnersConfig('runners.resolver: no pool has "dns", so it would be asked nothing. Leave it out')
  }
  if ('placing' in runners && !['rendezvous', 'random', undefined].includes(runners.placing))
    throw invalidRunnersConfig(`runners.placing: "${runners.placing}" is no way to place requests; expected "rendezvous" or "random"`)
  for (const work of works)
    if (!Object.values(pools).some((pool) => doesWork(pool, work)))
      throw invalidRunnersConfig(`runners: no pool is for ${work}. Add one, or leave out "for" where runners do both`)
  const seen = new Set<string>()
  for (const url of Object.values(pools).flatMap(({ urls = [] }) => urls)) {
    const address = runnerAddress(url)
    if (seen.has(address)) throw invalidRunnersConfig(`runners: "${address}" is there twice; each runner is in one pool, once`)
    seen.add(address)
  }
  return { ...pools }
}

function poolsOf(runners: RunnersConfig): Readonly<Record<string, RunnerPoolConfig>> {
  if ('pools' in runners && runners.pools !== undefined) {
    checkFields('runners', runners, ['pools', ...options])
    return runners.pools
  }
  if ('dns' in runners && runners.dns !== undefined) {
    checkFields('runners', runners, ['dns', ...options])
    return { runners: { dns: runners.dns } }
  }
  if (!Array.isArray(runners)) throw invalidRunnersConfig('runners: expected a list of URLs, or an object with "dns" or with "pools"')
  return { runners: { urls: runners } }
}

/** A field that nobody reads is one that was meant for something. */
function checkFields(where: string, given: object, known: readonly string[]): void {
  const other = Object.keys(given).find((field) => !known.includes(field))
  if (other !== undefined)
    throw invalidRunnersConfig(`${where}.${other}: no such field is read here; expected ${known.map((field) => `"${field}"`).join(', ')}`)
}

/** Whether a pool is asked for it. */
export const doesWork = (pool: RunnerPoolConfig, work: RunnerWork): boolean => pool.for?.includes(work) ?? true

function checkPool(where: string, pool: RunnerPoolConfig): void {
  checkFields(where, pool, ['urls', 'dns', 'for'])
  const { urls, dns, for: work } = pool
  if ((urls === undefined) === (dns === undefined)) throw invalidRunnersConfig(`${where}: expected either "urls" or "dns"`)
  if (urls?.length === 0) throw invalidRunnersConfig(`${where}: it is empty, so nobody would answer; expected the URL of a runner, here or in RUNNER_URL`)
  if (work?.length === 0) throw invalidRunnersConfig(`${where}.for: it is empty; expected "inference", "training" or both`)
  for (const each of work ?? [])
    if (!works.includes(each)) throw invalidRunnersConfig(`${where}.for: "${each}" is no work of a runner; expected "inference", "training" or both`)
  for (const url of urls ?? []) {
    if (!isHttpUrl(url)) throw invalidRunnersConfig(`${where}: "${url}" is no URL of a runner; expected one such as "http://10.0.0.1:8790"`)
    checkAddress(where, url)
  }
  if (dns === undefined) return
  if (!isHttpUrl(dns)) throw invalidRunnersConfig(`${where}.dns: "${dns}" is no URL; expected one such as "http://runners.example:8790"`)
  checkAddress(`${where}.dns`, dns)
  if (new URL(dns).protocol === 'https:')
    throw invalidRunnersConfig(`${where}.dns: a certificate is of a name and not of an address: expected an "http:" URL in a private network, or "urls"`)
}

/** That all of a runner's URL is asked: what is dropped in silence was meant for something. Error `runners_config_invalid`, which shows no password. */
export function checkAddress(where: string, url: string): void {
  const stray = strayPart(url)
  if (stray !== undefined)
    throw invalidRunnersConfig(`${where}: the URL of "${runnerAddress(url)}" has ${stray}. Expected a scheme, a host and a port, and a path where there is one`)
}
