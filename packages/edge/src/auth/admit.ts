import { hostNotAllowed, originNotAllowed } from '../errors.ts'
import { isLoopbackAuthority } from './loopback.ts'
import type { AllowOrigin } from './origins.ts'

/** Turns a request away before anything else is looked at, key or not: throws, or returns. */
export type Admit = (request: Request) => void

export const admitEveryone: Admit = () => {}

/**
 * For a local start, whose clients are programs and pages of this machine. A name of another site that resolves to 127.0.0.1 (DNS
 * rebinding) arrives under that name: both the Host header, which no page can set, and the URL, which a proxy may have rewritten,
 * must name loopback. A page of another site says so in its Origin: those that the config names may ask. Errors 403 `host_not_allowed`, `origin_not_allowed`.
 */
export const admitLocal =
  (allowed: AllowOrigin): Admit =>
  ({ headers, url }) => {
    const authority = new URL(url).host
    for (const host of [authority, headers.get('host') ?? authority]) if (!isLoopbackAuthority(host)) throw hostNotAllowed(host)
    const origin = headers.get('origin')
    if (origin !== null && !allowed(origin)) throw originNotAllowed(origin)
  }
