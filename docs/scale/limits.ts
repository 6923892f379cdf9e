/** When copies of the pages below were read. */
export const readOn = '2026-11-27'

/** A limit of a service that the edge stands on. Prices are in US dollars. */
export interface Limit {
  part: string
  limit: string
  source: string
}

export const limits: readonly Limit[] = [
  {
    part: 'D1',
    limit: '10 GB a database; one query at a time, so about 1,000 a second at 1 ms each',
    source: 'https://developers.cloudflare.com/d1/platform/limits/',
  },
  {
    part: 'Durable Objects',
    limit: 'about 1,000 requests a second an object; objects without number',
    source: 'https://developers.cloudflare.com/durable-objects/platform/limits/',
  },
  { part: 'KV', limit: 'reads without limit; one write a second to the same key', source: 'https://developers.cloudflare.com/kv/platform/limits/' },
  { part: 'R2', limit: 'objects without number; one write a second to the same key', source: 'https://developers.cloudflare.com/r2/platform/limits/' },
  { part: 'Workers', limit: '128 MB an isolate; 6 connections at once a request', source: 'https://developers.cloudflare.com/workers/platform/limits/' },
]

const million = 1e-6
export const prices = {
  workersRequest: 0.3 * million,
  workersCpuMs: 0.02 * million,
  d1RowRead: 0.001 * million,
  durableObjectRequest: 0.15 * million,
  kvRead: 0.5 * million,
  r2Read: 0.36 * million,
  r2GBMonth: 0.015,
} as const

export const priceSources = [
  'https://developers.cloudflare.com/workers/platform/pricing/',
  'https://developers.cloudflare.com/d1/platform/pricing/',
  'https://developers.cloudflare.com/durable-objects/platform/pricing/',
  'https://developers.cloudflare.com/kv/platform/pricing/',
  'https://developers.cloudflare.com/r2/pricing/',
] as const

/** What one D1 database and one Durable Object answer in a second, as their pages say. */
export const d1QueriesPerS = 1000
export const objectRequestsPerS = 1000
